/* What somebody types into an edit page is kept in this browser too, until the server has it: after a crash or an
   expired session the page offers it again, to the same person alone. Files and the fields beside them are not kept.

   [data-saved=A]   the server has taken what was sent to the address A
   [data-unsaved]   on the form: the page shows what was typed and not saved; =restored: as it was kept here
   #kept-copy       the band that offers a copy */

const PREFIX = "typed:";
const person = document.getElementById("sign-in-again").dataset.person;
const form = document.querySelector("#edit[data-autosave], #edit[data-unsaved]");

/* A browser may refuse storage (private windows, policies, no room): then nothing is kept. */
const attempt = (deed) => { try { return deed(); } catch { return null; } };
const keyOf = (address) => `${PREFIX}${person}:${address}`;
const drop = (key) => attempt(() => localStorage.removeItem(key));
const read = (key) => attempt(() => JSON.parse(localStorage.getItem(key)));
const dropAll = (isMeant) => attempt(() => Object.keys(localStorage).filter(isMeant).forEach(drop));

dropAll((key) => key.startsWith(PREFIX) && !key.startsWith(keyOf("")));
document.querySelectorAll("[data-saved]").forEach((place) => drop(keyOf(place.dataset.saved)));
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-logout]")) dropAll((key) => key.startsWith(PREFIX));
});

const followForm = () => {
  const NEVER = new Set(["csrfmiddlewaretoken"]);
  const address = () => form.getAttribute("action").split("#")[0];
  const typed = () => {
    const elsewhere = new Set([...form.querySelectorAll("[data-files] [name]")].map((field) => field.name));
    return [...new FormData(form)].filter(([name]) => !NEVER.has(name) && !elsewhere.has(name));
  };
  const meaning = (fields) => JSON.stringify(fields.filter(([name]) => name !== "version" && name !== "token"));

  let key = keyOf(address());
  let timer = 0;
  let offered = false;
  const keep = () => {
    window.clearTimeout(timer);
    if (offered) return; // nothing goes over a copy that is still to be decided on
    if (key !== keyOf(address())) drop(key);
    key = keyOf(address());
    attempt(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: typed() })));
  };
  const onChange = (event) => {
    if (event.target.closest && event.target.closest("[data-files]")) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, 300);
  };
  form.addEventListener("input", onChange);
  form.addEventListener("change", onChange);
  form.addEventListener("submit", keep);
  form.addEventListener("saved", () => {
    window.clearTimeout(timer);
    if (!offered) drop(key);
  });
  document.addEventListener("submit", (event) => { if (event.target.matches("[data-discard]")) drop(key); });

  const offer = (copy) => {
    const band = document.getElementById("kept-copy");
    const restore = band.querySelector("form");
    const at = new Date(copy.at);
    const two = (number) => String(number).padStart(2, "0");
    band.querySelector("time").textContent = `${at.getMonth() + 1}月${at.getDate()}日 ${two(at.getHours())}:${two(at.getMinutes())}`;
    copy.fields.forEach(([name, value]) => {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      field.hidden = true;
      restore.append(field);
    });
    band.querySelector("[data-drop]").addEventListener("click", () => {
      offered = false;
      drop(key);
      band.hidden = true;
    });
    offered = true;
    band.hidden = false;
  };

  if (form.hasAttribute("data-unsaved")) {
    drop(keyOf(location.pathname));
    keep();
    if (form.dataset.unsaved === "restored") form.dispatchEvent(new Event("change", { bubbles: true }));
    return;
  }
  const copy = read(key);
  if (!copy) return;
  if (meaning(copy.fields) === meaning(typed())) drop(key);
  else offer(copy);
};
if (form) followForm();
