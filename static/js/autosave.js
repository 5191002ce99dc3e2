/* A draft saves itself when typing pauses, and while it goes on at least every five seconds. The version that goes
   along keeps it from ever going over a newer save; files have their own way. The form hears "saved".
   The page of something not begun yet sends to its own address; the answer says where its record is from then on. */

const form = document.getElementById("edit");
const note = document.getElementById("saved");
const WAIT = 2500; // after the last change
const LONGEST = 4000; // after the first that is not saved; the way there and back is the rest of five seconds

let timer = 0;
let running = null; // the save under way
let changes = 0;
let unsavedSince = 0;
let stopped = false;

const say = (sentence, tone = "") => {
  note.textContent = sentence;
  note.classList.toggle("bad", tone === "bad");
};

const contents = (extra) => {
  const data = new FormData(form);
  [...data.keys()].forEach((name) => { if (data.get(name) instanceof File) data.delete(name); });
  ["autosave", ...extra].forEach((name) => data.append(name, "1"));
  return data;
};

/* The list of problems stands where the page put it, as high as it was: what one types in never moves for it. Where
   there is none, the note at the foot of the page says how many there are. */
const showProblems = (problems) => {
  const section = document.getElementById("problems");
  if (!section) return;
  const place = section.parentElement;
  place.style.height = place.style.height || `${place.getBoundingClientRect().height}px`;
  const heading = section.querySelector("h2");
  heading.textContent = problems.length ? `上报前还需修改 ${problems.length} 处：` : "上报前需要修改的内容都已改好。";
  section.classList.toggle("is-quiet", !problems.length || !form.hasAttribute("data-refused"));
  const list = section.querySelector("ul");
  list.textContent = "";
  problems.forEach(({ field, text }) => {
    const link = document.createElement("a");
    link.href = `#id_${field}`;
    link.textContent = text;
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  });
};
const howMany = (problems) => (problems.length && !document.getElementById("problems") ? `，上报前还需填写 ${problems.length} 处` : "");

/* The sentences beside fields that the save has answered leave their place empty; those of files have their own
   script. */
const clearSolved = (problems) => {
  const standing = new Set(problems.map(({ text }) => text));
  form.querySelectorAll(".errorlist:not([role])").forEach((list) => {
    [...list.children].forEach((item) => item.classList.toggle("is-solved", !standing.has(item.textContent)));
    if (list.querySelector("li:not(.is-solved)")) return;
    form.querySelectorAll("[aria-invalid]").forEach((field) => {
      if ((field.getAttribute("aria-describedby") || "").split(" ").includes(list.id)) field.removeAttribute("aria-invalid");
    });
    const card = list.closest(".card.is-bad");
    if (card && !card.querySelector(".errorlist li:not(.is-solved)")) card.classList.remove("is-bad");
  });
};

/* What is wrong with the part that somebody is writing in is said when they leave it, or once they asked for 上报. */
let parts = [];
const showParts = () => parts.forEach((part) => {
  const link = document.querySelector(`.parts > [href="#part-${part.slug}"]`);
  if (!link) return;
  const early = part.tone === "bad" && link.hasAttribute("aria-current") && !form.hasAttribute("data-refused");
  const { note: words, tone } = early ? { note: "填写中", tone: "" } : part;
  const place = link.querySelector(".part-note");
  place.className = `part-note ${tone}`;
  place.textContent = tone === "ok" ? `✓ ${words}` : words;
});
form.addEventListener("part", showParts);

/* From now on this is the page of the record that it has begun. */
const settle = ({ edit, upload, classified, discard }) => {
  form.action = edit;
  history.replaceState(null, "", edit + location.hash);
  Object.assign(document.querySelector("[data-files]")?.dataset || {}, { upload, classified });
  const throwAway = document.querySelector("form[data-discard]");
  throwAway.action = discard;
  throwAway.closest("details").hidden = false;
};

const send = (extra) => fetch(form.getAttribute("action").split("#")[0], {
  method: "POST",
  body: contents(extra),
  headers: { Accept: "application/json" },
  cache: "no-store",
});

const save = async (extra) => {
  const seen = changes;
  // Rows may be renamed while the answer is on its way: remember the fields, not their names.
  const fields = new Map([...form.elements].filter((field) => field.name.endsWith("-id")).map((field) => [field.name, field]));
  let response = await send(extra);
  if (response.status === 401 || response.status === 403) {
    if (!window.session || !(await window.session.ready())) {
      say("登录已过期，草稿没有自动保存。", "bad");
      return;
    }
    response = await send(extra);
  }
  const answer = await response.json();
  answer.message = answer.message || answer.problem || "";
  if (answer.addresses) settle(answer.addresses);
  if (response.status === 404) {
    stopped = true;
    say(answer.message, "bad");
  } else if (response.status === 503) {
    say(`${answer.message}草稿还没有自动保存，稍后会再试。`, "bad");
    schedule();
  } else if (response.status === 409) {
    stopped = true;
    say(`${answer.message}自动保存已停止，点击“保存为草稿”可以核对两份内容。`, "bad");
  } else if (!response.ok) {
    say(answer.message || "草稿没有自动保存，请点击“保存为草稿”。", "bad");
  } else {
    document.querySelectorAll("input[name=version]").forEach((field) => { field.value = answer.version; });
    Object.entries(answer.ids).forEach(([name, id]) => { if (fields.has(name)) fields.get(name).value = id; });
    say(answer.message && answer.message + howMany(answer.problems));
    if (changes === seen) {
      showProblems(answer.problems);
      clearSolved(answer.problems);
      ({ parts } = answer);
      showParts();
      form.dispatchEvent(new CustomEvent("saved", { detail: answer.advice || {} }));
    }
  }
};

const start = (extra = []) => {
  if (stopped || running || document.querySelector("dialog[open]")) return;
  const seen = changes;
  unsavedSince = 0;
  running = save(extra)
    .catch(() => say("网络不通或服务暂停，草稿没有自动保存，稍后会再试。", "bad"))
    .finally(() => {
      running = null;
      if (changes !== seen) schedule();
    });
};
const schedule = () => {
  window.clearTimeout(timer);
  unsavedSince = unsavedSince || Date.now();
  timer = window.setTimeout(() => start(), Math.max(0, Math.min(WAIT, unsavedSince + LONGEST - Date.now())));
};
/* Makes sure that there is a record, for the evidence that is to follow: true once there is one. */
const begin = async () => {
  await running;
  const box = document.querySelector("[data-files]");
  if (!box.dataset.upload) {
    start(["begin"]);
    await running;
  }
  return Boolean(box.dataset.upload);
};

// Not an export: imported under its plain name beside the hashed one of the page, this script would run twice.
window.draft = { begin };

const onChange = (event) => {
  if (event.target.closest && event.target.closest("[data-files]")) return;
  changes += 1;
  schedule();
};

if (form.hasAttribute("data-autosave")) {
  form.addEventListener("input", onChange);
  form.addEventListener("change", onChange);
  // A file more or less may answer a problem of the list.
  form.addEventListener("evidence", () => start());
  form.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    if (!running) {
      stopped = true; // the explicit save is on its way: nothing may overtake it
      return;
    }
    // Its version is about to become the page's own.
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    running.then(() => {
      window.clearTimeout(timer);
      form.requestSubmit(submitter);
    });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) stopped = false; });
}
