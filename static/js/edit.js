/* The edit page: parts as tabs, rows that are added, moved and removed, counters, and one submission at a time.
   Without this script the parts stand below each other, and the buttons of rows are answered by the server.

   [data-part]              a part, with an id; links to it or into it open it; [data-part=first]: open from the start
   [data-rows=P]            a list of rows with the form prefix P; each row is [data-row][data-prefix]
   [data-template=P]        a new row of that list; [data-groups=P]: elsewhere, one block for each row of P, which
                            [data-called] names
   [data-share=S]           lists that hand rows over to each other, by [data-handover=up|down] of a row
   [data-count=N]           a text of at most N characters
   The form hears "rows" after rows have changed, and "part" after a part was opened; it takes "place" and "handover"
   from what drags rows. */

const form = document.getElementById("edit");

/* --- Parts --------------------------------------------------------------------------------- */

const parts = [...document.querySelectorAll("[data-part]")];
const links = [...document.querySelectorAll(".parts > .part")];

let opened = null;
const openPart = (part) => {
  parts.forEach((each) => { each.hidden = each !== part; });
  links.forEach((link) => {
    if (link.hash === `#${part.id}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  });
  opened = part;
  part.querySelectorAll("textarea").forEach(grow);
  form.dispatchEvent(new CustomEvent("part"));
};

/* Where the address points to: a part, or something in one. */
const follow = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target && target.closest("[data-part]");
  if (part) openPart(part);
  if (target && target !== part) {
    target.scrollIntoView({ block: "center" });
    target.focus({ preventScroll: true });
  }
  return Boolean(part);
};

const grow = (area) => {
  if (!area.closest(".plan-row") || !area.offsetParent) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
};

if (parts.length) {
  links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    openPart(document.querySelector(link.hash));
  }));
  if (!follow()) {
    const troubled = links.find((link) => link.querySelector(".bad"));
    openPart(parts.find((part) => part.dataset.part === "first") || document.querySelector((troubled || links[1] || links[0]).hash));
  }
  // The browser goes to the address after this script has run.
  window.addEventListener("load", follow);
  window.addEventListener("hashchange", follow);
}
// The same link again changes no address.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".problems a");
  if (link && link.hash === location.hash) follow();
});

/* --- Rows ---------------------------------------------------------------------------------- */

const within = (root, selector) => [...root.querySelectorAll(selector)];
const NAMES = ["name", "id", "for", "value", "aria-describedby", "aria-labelledby", "data-prefix", "data-rows", "data-template", "data-content-of"];

/* Gives an element and all in it the new prefix. */
const rename = (root, from, to) => {
  if (from === to) return;
  const start = new RegExp(`(^| )(id_)?${from}(?=-|$)`, "g");
  [root, ...within(root, "*")].forEach((element) => {
    NAMES.forEach((name) => {
      if (name === "value" && element.tagName !== "BUTTON") return;
      const value = element.getAttribute(name);
      if (value) element.setAttribute(name, value.replace(start, (_, space, id) => `${space}${id || ""}${to}`));
    });
    if (element.tagName === "TEMPLATE") element.innerHTML = element.innerHTML.split(`${from}-`).join(`${to}-`);
  });
};

const rowsOf = (list) => [...list.children].filter((child) => child.hasAttribute("data-row"));
const groupsOf = (prefix) => document.querySelector(`[data-groups="${prefix}"]`);
const blocksOf = (prefix) => { const groups = groupsOf(prefix); return groups ? [...groups.children] : []; };

/* 添加 is off where a list, or the page as a whole, has as many rows as it may. */
const limitRows = () => {
  const number = (name) => Number(form.elements[name].value);
  const all = [...form.elements].filter((field) => field.name.endsWith("-TOTAL_FORMS"));
  const isFull = all.reduce((sum, field) => sum + Number(field.value), 0) >= Number(form.dataset.mostRows);
  form.querySelectorAll("button[name=add]").forEach((button) => {
    button.disabled = isFull || number(`${button.value}-TOTAL_FORMS`) >= number(`${button.value}-MAX_NUM_FORMS`);
  });
};

/* Names and numbers rows in the order in which they stand. */
const renumber = (list) => {
  const prefix = list.dataset.rows;
  [rowsOf(list), blocksOf(prefix)].forEach((rows) => {
    // In two steps: a radio button would be unchecked by meeting the name of its neighbour.
    rows.forEach((row, index) => rename(row, row.dataset.prefix, `${prefix}-new${index}`));
    rows.forEach((row, index) => {
      rename(row, `${prefix}-new${index}`, `${prefix}-${index}`);
      within(row, "[data-number]").forEach((number) => { number.textContent = String(index + 1); });
    });
  });
  const rows = rowsOf(list);
  form.elements[`${prefix}-TOTAL_FORMS`].value = String(rows.length);
  limitRows();
  rows.forEach((row, index) => {
    within(row, "[data-move]").forEach((button) => {
      if (button.closest("[data-row]") !== row) return;
      button.disabled = button.dataset.move === "up" ? index === 0 : index === rows.length - 1;
    });
  });
};

const changed = () => {
  form.dispatchEvent(new CustomEvent("rows"));
  form.dispatchEvent(new Event("change", { bubbles: true }));
};

const fresh = (template, prefix, index) => {
  const box = document.createElement("template");
  box.innerHTML = template.innerHTML.split(`${prefix}-__prefix__`).join(`${prefix}-${index}`);
  return box.content.firstElementChild;
};

const add = (list) => {
  const prefix = list.dataset.rows;
  const index = rowsOf(list).length;
  const row = fresh(form.querySelector(`[data-template="${prefix}"]`), prefix, index);
  list.append(row);
  const groups = groupsOf(prefix);
  if (groups) groups.append(fresh(form.querySelector(`[data-template="${prefix}-groups"]`), prefix, index));
  renumber(list);
  changed();
  row.querySelector("input:not([type=hidden]), select, textarea").focus();
};

const isFilled = (root) => within(root, "input:not([type=hidden]), select, textarea").some((field) => (
  field.type === "checkbox" || field.type === "radio" ? field.checked : field.value.trim()
));

/* A removed row can be had back for ten seconds. If its removal was saved meanwhile, it comes back as a new one. */
const UNDO_FOR = 10000;
const version = () => form.elements.version.value;

const bar = document.createElement("div");
bar.className = "undo-bar";
bar.setAttribute("role", "status");
form.append(bar);

const putBack = ({ list, index, row, block, seen }) => {
  const prefix = list.dataset.rows;
  [[row, list, rowsOf(list)], [block, groupsOf(prefix), blocksOf(prefix)]].forEach(([element, parent, others]) => {
    if (!element) return;
    rename(element, element.dataset.prefix, `${prefix}-undone`);
    if (version() !== seen) within(element, "[name$='-id']").forEach((field) => { field.value = ""; });
    parent.insertBefore(element, others[index] || null);
  });
  renumber(list);
  changed();
  row.querySelector("input:not([type=hidden]), select, textarea").focus();
};

const offerUndo = (removed, words) => {
  const line = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-link";
  button.textContent = "恢复";
  line.append(words, button);
  bar.append(line);
  const timer = window.setTimeout(() => line.remove(), UNDO_FOR);
  button.addEventListener("click", () => {
    window.clearTimeout(timer);
    line.remove();
    // The list itself may be gone, with a row of another.
    if (removed.list.isConnected) putBack(removed);
  });
};

const remove = (row) => {
  const list = row.parentElement;
  const index = rowsOf(list).indexOf(row);
  const block = blocksOf(list.dataset.rows)[index];
  const along = block && isFilled(block) ? `和它的${block.parentElement.dataset.called}` : "";
  const filled = isFilled(row) || along;
  row.remove();
  if (block) block.remove();
  renumber(list);
  changed();
  if (filled) offerUndo({ list, index, row, block, seen: version() }, `已删除第 ${index + 1} 项${along}。`);
  const next = rowsOf(list)[Math.min(index, rowsOf(list).length - 1)];
  const focused = (next && next.querySelector("button[name=remove]")) || form.querySelector(`button[name="add"][value="${list.dataset.rows}"]`);
  if (focused) focused.focus();
};

/* Gives the row that is `from`th its new place, with its block elsewhere. */
const putAt = (list, from, to) => {
  [rowsOf(list), blocksOf(list.dataset.rows)].forEach((each) => {
    if (!each[from]) return;
    if (to < from) each[to].before(each[from]);
    else each[to].after(each[from]);
  });
  renumber(list);
  changed();
};

const move = (button) => {
  const row = button.closest("[data-row]");
  const list = row.parentElement;
  const rows = rowsOf(list);
  const from = rows.indexOf(row);
  const to = button.dataset.move === "up" ? from - 1 : from + 1;
  if (!rows[to]) return;
  putAt(list, from, to);
  // At the end of its way the button is off: its opposite takes the focus.
  (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button)?.focus();
};
form.addEventListener("place", ({ detail: { list, from, to } }) => putAt(list, from, to));

/* Another list takes the row over, where it is a new one: a child belongs to one parent. */
const handOver = (row, list, to) => {
  const from = row.parentElement;
  const old = row.dataset.prefix;
  row.querySelector(`[name="${old}-id"]`).value = "";
  rename(row, old, `${list.dataset.rows}-taken`);
  list.insertBefore(row, rowsOf(list)[to] || null);
  [from, list].forEach(renumber);
  changed();
};
form.addEventListener("handover", ({ detail: { row, list, to } }) => handOver(row, list, to));

/* The list of the neighbour above or below, of lists that hand rows over to each other. */
const neighbourOf = (list, step) => {
  const lists = within(form, `[data-share="${list.dataset.share}"]`);
  return lists[lists.indexOf(list) + step];
};

form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.move) move(button);
  if (button.dataset.handover) {
    const row = button.closest("[data-row]");
    const list = neighbourOf(row.parentElement, button.dataset.handover === "up" ? -1 : 1);
    if (list) handOver(row, list, rowsOf(list).length);
    row.querySelector("[data-handover]:not(:disabled)")?.focus();
  }
  const list = button.name === "add" && form.querySelector(`[data-rows="${button.value}"]`);
  const row = button.name === "remove" && button.closest("[data-row]");
  if (list || row) event.preventDefault();
  if (list) add(list);
  if (row) remove(row);
});
/* At the first and the last list there is nowhere to hand a row to. */
const limitHandOver = () => within(form, "[data-handover]").forEach((button) => {
  const list = button.closest("[data-share]");
  if (list) button.disabled = !neighbourOf(list, button.dataset.handover === "up" ? -1 : 1);
});
form.addEventListener("rows", limitHandOver);
within(form, "[data-rows]").forEach(renumber);
limitHandOver();

/* --- What fields show ---------------------------------------------------------------------- */

const count = (area) => {
  let counter = area.parentElement.querySelector(".counter");
  if (!counter) {
    counter = document.createElement("div");
    counter.className = "counter";
    area.after(counter);
  }
  // The server counts characters too, not UTF-16 units, and does not count the space around.
  const length = [...area.value.replace(/\r\n/g, "\n").trim()].length;
  const most = Number(area.dataset.count);
  counter.textContent = length > most ? `${length}/${most}，超出 ${length - most} 字` : `${length}/${most}`;
  counter.classList.toggle("is-over", length > most);
};
const showContent = (field) => {
  within(form, `[data-content-of="${field.id}"]`).forEach((place) => { place.textContent = field.value; });
};
/* 类型名称 belongs to 其他 alone. */
const showOther = (select) => {
  const box = select.closest("[data-row]")?.querySelector("[data-other]");
  if (box) box.hidden = select.value !== "other";
};
const showAll = () => {
  within(form, "[data-count]").forEach(count);
  within(form, "select").forEach(showOther);
};
form.addEventListener("input", (event) => {
  const field = event.target;
  if (field.dataset.count) count(field);
  if (field.tagName === "TEXTAREA") grow(field);
  if (field.id) showContent(field);
  if (field.tagName === "SELECT") showOther(field);
});
form.addEventListener("rows", showAll);
showAll();

/* --- One submission at a time, and none forgotten ------------------------------------------- */

let sending = false;
let dirty = false;
form.addEventListener("submit", (event) => {
  if (sending) event.preventDefault();
  sending = true;
  // After saving the page opens where it was; after 上报 where something is to be mended.
  const address = form.getAttribute("action").split("#")[0];
  form.action = opened && event.submitter && event.submitter.name === "save" ? `${address}#${opened.id}` : address;
});
document.addEventListener("submit", (event) => { if (event.target.matches("[data-discard]")) sending = true; });
// Coming back to the page with the browser's button, one may send again.
window.addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
form.addEventListener("input", () => { dirty = true; });
form.addEventListener("change", () => { dirty = true; });
form.addEventListener("saved", () => { dirty = false; });
window.addEventListener("beforeunload", (event) => {
  if (dirty && !sending) {
    event.preventDefault();
    event.returnValue = "";
  }
});
