/* The review desk: from one record to the next without a new page, and all of it by keyboard.
   Without this script the same links and buttons load pages.

   [data-desk] > the list, links with data-fragment=address of the record alone; [data-desk-record] = that record
   [data-choice] = one decision each, in the order of their keys 1, 2, 3; none is chosen beforehand */

const desk = document.querySelector("[data-desk]");
const place = document.querySelector("[data-desk-record]") || document.getElementById("main");
let sent = ""; // the key of what was sent: the answer has it, so it is kept no longer
let loads = 0;
let asked = desk && desk.querySelector("[aria-current]"); // the row that was asked for last: its record may still be on its way

const choices = () => [...place.querySelectorAll("[data-choice]")];
const decisionOf = (choice) => choice.querySelector("[data-decision]");
const setOpen = (choice, isOpen) => {
  const details = choice.querySelector("details");
  if (details) details.open = isOpen;
};
const sayOnDesk = (sentence) => {
  const status = place.querySelector("[data-desk-status]");
  if (status) status.textContent = sentence;
};

// --- Moving -------------------------------------------------------------------------------------------------

/* What is typed of a decision, and of the items that it sends back: ticks before their words, which they clear. */
const fields = () => ["[data-choice] select, [data-choice] textarea", "[data-tick]", "[data-words]"]
  .flatMap((selector) => [...place.querySelectorAll(selector)]);

/* What is written is of one person about one version of one record; it outlives the page, as a decision on another
   record loads a new one. */
const keyOf = (form) => {
  const person = document.getElementById("sign-in-again");
  const address = new URL(form.getAttribute("action"), window.location.href).pathname;
  return `decision:${person ? person.dataset.person : ""}:${address}:${form.querySelector("[name=version]").value}`;
};
const shownKey = () => (choices().length ? keyOf(decisionOf(choices()[0])) : "");
const attempt = (storage) => { try { return storage(); } catch { return null; } }; // a browser may keep nothing
const valuesNow = () => fields().map((field) => (field.matches("[data-tick]") ? field.checked : field.value));

const keepFields = () => {
  const key = shownKey();
  if (!key || key === sent) return;
  const values = valuesNow();
  attempt(() => (values.some(Boolean) ? sessionStorage.setItem(key, JSON.stringify(values)) : sessionStorage.removeItem(key)));
};

const restoreFields = () => {
  const key = shownKey();
  const values = key && attempt(() => JSON.parse(sessionStorage.getItem(key)));
  if (!values || valuesNow().some(Boolean)) return; // what the server gives back is newer
  fields().forEach((field, number) => {
    if (!field.matches("[data-tick]")) field.value = values[number] || "";
    else if (field.checked !== values[number]) {
      field.checked = values[number];
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const choice = field.closest("[data-choice]") || (field.form && field.form.closest("[data-choice]"));
    if (choice && values[number]) setOpen(choice, true);
  });
};

const rowOf = (address) => [...desk.querySelectorAll("[data-fragment]")].find((link) => link.href === address);

const mark = (row) => {
  desk.querySelectorAll("[aria-current]").forEach((link) => {
    link.removeAttribute("aria-current");
    link.closest("li").classList.remove("is-current");
  });
  row.setAttribute("aria-current", "true");
  row.closest("li").classList.add("is-current");
  const list = row.closest("ol");
  list.scrollTop = row.offsetTop - (list.clientHeight - row.offsetHeight) / 2;
};

/* Shows the record of that row here; any trouble, or another place than the desk, is a matter of the page itself. */
const move = async (row, isNew) => {
  loads += 1;
  const load = loads;
  asked = row;
  place.classList.add("is-loading");
  let html = "";
  try {
    const answer = await fetch(row.dataset.fragment, {
      redirect: "error", cache: "no-store", headers: { "X-Requested-With": "XMLHttpRequest" },
    });
    if (answer.ok) html = await answer.text();
  } catch { /* see below */ }
  if (load !== loads) return; // another one was asked for meanwhile
  place.classList.remove("is-loading");
  if (!html) {
    window.location.assign(row.href);
    return;
  }
  keepFields();
  place.innerHTML = html;
  if (isNew) window.history.pushState(null, "", row.href);
  restoreFields();
  mark(row);
  const heading = place.querySelector("h1");
  document.title = `${heading.textContent.trim()} · 市级重大改革项目管理系统`;
  document.querySelectorAll("#main > .notice").forEach((notice) => notice.remove()); // of the record before
  window.scrollTo(0, 0);
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
};

/* A link to a record of the list; of another page of the list, the page itself. */
const follow = (link) => {
  const row = rowOf(link.href);
  if (row) move(row, true);
  else window.location.assign(link.href);
};

const step = (rel) => {
  const rows = desk ? [...desk.querySelectorAll("[data-fragment]")] : [];
  const row = rows[rows.indexOf(asked) + (rel === "next" ? 1 : -1)];
  const link = place.querySelector(`a[rel=${rel}]`);
  if (row) move(row, true);
  else if (!link) sayOnDesk(rel === "next" ? "已是最后一件。" : "已是第一件。");
  else if (desk) follow(link);
  else window.location.assign(link.href);
};

if (desk) {
  desk.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-fragment], a[rel=prev], a[rel=next]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a tab of its own
    event.preventDefault();
    follow(link);
  });
  window.addEventListener("popstate", () => {
    const row = rowOf(window.location.href);
    if (row) move(row, false);
    else window.location.reload();
  });
  mark(desk.querySelector("[aria-current]"));
}

window.addEventListener("pagehide", keepFields);
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("[data-decision]")) return;
  sent = keyOf(target);
  attempt(() => sessionStorage.removeItem(sent));
});
window.addEventListener("DOMContentLoaded", restoreFields); // when every script listens

// --- Deciding -----------------------------------------------------------------------------------------------

const sendButton = (form) => form.querySelector("button[name=action_next]") || form.querySelector("button[name=action]");

const choose = (choice) => {
  sayOnDesk("");
  choices().forEach((other) => {
    other.classList.toggle("is-chosen", other === choice);
    setOpen(other, other === choice);
  });
  const form = decisionOf(choice);
  (form.querySelector("select") || sendButton(form)).focus();
};

const submit = (event) => {
  const form = event.target.closest("[data-decision]") || decisionOf(place.querySelector(".is-chosen") || place);
  const isChosen = form && (form.closest(".is-chosen") || form.contains(event.target));
  if (isChosen) sendButton(form).click();
  else sayOnDesk("请先选择意见：按数字键，或点击相应按钮。");
};

const toggleKeys = () => {
  const keys = document.querySelector("[data-keys]");
  if (keys) keys.open = !keys.open;
};

const isTyping = (element) => element.closest("textarea, select, input:not([type=checkbox])") !== null;

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.altKey || event.metaKey || !choices().length) return;
  if (event.ctrlKey) {
    if (event.key === "Enter") {
      event.preventDefault();
      submit(event);
    }
    return;
  }
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const chosen = choices()[Number(event.key) - 1];
  const key = event.key.toLowerCase();
  if (chosen) choose(chosen);
  else if (key === "j") step("next");
  else if (key === "k") step("prev");
  else if (key === "?" || key === "？") toggleKeys();
  else return;
  event.preventDefault();
});
