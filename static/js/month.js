/* 本月一页报完: each entry ([data-entry=P], its fields named P-…) saves itself as a draft to its own edit page
   ([data-address]), as that page does: when typing pauses, with the version that it was loaded with. The form hears
   "saved" with what hints.js shows. In the grid the arrow keys go up and down as in a spreadsheet. */

const form = document.getElementById("edit");
const note = document.getElementById("saved");
const WAIT = 2500;

const entries = new Map([...form.querySelectorAll("[data-entry]")].map((box) => [box.dataset.entry, {
  box, timer: 0, running: null, changes: 0, saved: 0, stopped: false,
}]));
const entryOf = (field) => {
  const box = field.closest("[data-entry]");
  return box && entries.get(box.dataset.entry);
};

const say = ({ box }, sentence, isBad) => {
  const place = box.querySelector("[data-saved-note]");
  place.textContent = sentence;
  place.classList.toggle("bad", isBad);
  place.classList.toggle("faint", !isBad);
};

/* What the entry's own page would send. */
const contents = ({ box }) => {
  const start = `${box.dataset.entry}-`;
  const data = new FormData();
  [...new FormData(form)].forEach(([name, value]) => { if (name.startsWith(start)) data.append(name.slice(start.length), value); });
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.append("autosave", "1");
  return data;
};

const send = (entry) => fetch(entry.box.dataset.address, {
  method: "POST",
  body: contents(entry),
  headers: { Accept: "application/json" },
  cache: "no-store",
});

/* The names of fields that an answer speaks of, as they are on this page. */
const here = (entry, found) => Object.fromEntries(
  Object.entries(found || {}).map(([name, value]) => [`${entry.box.dataset.entry}-${name}`, value]),
);

const take = (entry, answer) => {
  const name = entry.box.dataset.entry;
  form.elements[`${name}-version`].value = answer.version;
  const missing = answer.problems.length;
  say(entry, answer.message && `${answer.message}${missing ? `，上报前还需填写 ${missing} 处` : ""}`, false);
  const { hints, repeats } = answer.advice || {};
  form.dispatchEvent(new CustomEvent("saved", { detail: { hints: here(entry, hints), [`${name}-repeats`]: repeats } }));
};

const save = async (entry) => {
  const seen = entry.changes;
  let response = await send(entry);
  if (response.status === 401 || response.status === 403) {
    if (!window.session || !(await window.session.ready())) {
      say(entry, "登录已过期，草稿没有自动保存。", true);
      return;
    }
    response = await send(entry);
  }
  const answer = await response.json();
  const sentence = answer.message || answer.problem || "";
  if (answer.addresses) {
    entry.box.dataset.address = answer.addresses.edit;
    const own = entry.box.querySelector("[data-own]");
    if (own) own.href = answer.addresses.edit;
  }
  if (response.status === 503) {
    say(entry, `${sentence}草稿还没有自动保存，稍后会再试。`, true);
    schedule(entry);
  } else if (response.status === 404 || response.status === 409) {
    entry.stopped = true;
    say(entry, `${sentence}自动保存已停止，点击“保存为草稿”可以核对。`, true);
  } else if (!response.ok) {
    say(entry, sentence || "草稿没有自动保存，请点击“保存为草稿”。", true);
  } else {
    entry.saved = seen;
    take(entry, answer);
  }
};

const start = (entry) => {
  if (entry.stopped || entry.running || document.querySelector("dialog[open]")) return;
  const seen = entry.changes;
  entry.running = save(entry)
    .catch(() => say(entry, "网络不通或服务暂停，草稿没有自动保存。", true))
    .finally(() => {
      entry.running = null;
      if (entry.changes !== seen) schedule(entry);
    });
};
const schedule = (entry) => {
  window.clearTimeout(entry.timer);
  entry.timer = window.setTimeout(() => start(entry), WAIT);
};

const showDone = (entry) => {
  const words = entry.box.querySelector("[data-done-note]");
  if (words) words.hidden = !entry.box.querySelector("[name$='-status'][value=done]:checked");
};

const onChange = (event) => {
  const entry = entryOf(event.target);
  if (!entry) return;
  entry.changes += 1;
  showDone(entry);
  schedule(entry);
};
form.addEventListener("input", onChange);
form.addEventListener("change", onChange);
entries.forEach(showDone);

/* --- In the grid -------------------------------------------------------------------------------- */

const STEPS = { ArrowUp: -1, ArrowDown: 1, Enter: 1 };
form.addEventListener("keydown", (event) => {
  const field = event.target;
  const step = STEPS[event.key];
  if (!step || !field.matches(".month-grid input[inputmode=decimal]") || event.isComposing) return;
  const column = [...form.querySelectorAll(".month-grid input[inputmode=decimal]")].filter((each) => !each.disabled);
  event.preventDefault();
  const next = column[column.indexOf(field) + step];
  if (next) {
    next.focus();
    next.select();
  }
});

/* --- One submission at a time, and nothing forgotten -------------------------------------------- */

let sending = false;
form.addEventListener("submit", (event) => {
  entries.forEach((entry) => window.clearTimeout(entry.timer));
  const running = [...entries.values()].map((entry) => entry.running).filter(Boolean);
  if (sending || running.length) event.preventDefault();
  if (sending) return;
  if (!running.length) {
    sending = true;
    entries.forEach((entry) => { entry.stopped = true; });
    return;
  }
  // Their versions are about to become the page's own.
  const { submitter } = event;
  note.textContent = "正在保存，随即上报……";
  Promise.all(running).then(() => {
    entries.forEach((entry) => window.clearTimeout(entry.timer));
    form.requestSubmit(submitter);
  });
});
window.addEventListener("pageshow", (event) => { if (event.persisted) sending = false; });
window.addEventListener("beforeunload", (event) => {
  if (!sending && [...entries.values()].some((entry) => entry.changes !== entry.saved)) {
    event.preventDefault();
    event.returnValue = "";
  }
});
