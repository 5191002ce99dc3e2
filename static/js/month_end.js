/* 月末收官台: how many are ticked stands on the button; 显示 in place; ↑ ↓ 空格 Enter R. */
const button = document.querySelector("[data-urge]");
const ticks = [...document.querySelectorAll("[data-select]")];
const rows = [...document.querySelectorAll("[data-row]")];

const count = () => {
  const number = ticks.reduce((sum, tick) => sum + (tick.checked ? Number(tick.dataset.number) : 0), 0);
  button.textContent = number ? `催办选中的 ${number} 件` : "催办选中的单位";
};
if (button) {
  document.addEventListener("change", (event) => { if (event.target.matches("[data-select], [data-select-all]")) count(); });
  count(); // a reloaded page may keep its ticks
}

document.querySelectorAll("[data-reveal]").forEach((reveal) => reveal.addEventListener("click", async (event) => {
  event.preventDefault();
  const form = reveal.form;
  const body = new FormData(form);
  body.append(reveal.name, reveal.value);
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
  if (!response || !response.ok || !(response.headers.get("Content-Type") || "").startsWith("application/json")) {
    const person = document.createElement("input"); // the page itself says what is wrong, or asks to sign in
    Object.assign(person, { type: "hidden", name: reveal.name, value: reveal.value });
    form.append(person);
    form.submit();
    return;
  }
  const { phone } = await response.json();
  reveal.parentElement.querySelector("[data-phone]").textContent = phone;
  reveal.remove();
}));

const tickOf = (row) => row.querySelector("[data-select]");
const linkOf = (row) => row.querySelector("[data-open]");
const go = (row) => {
  (tickOf(row) || linkOf(row)).focus();
  row.scrollIntoView({ block: "nearest" });
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const { target } = event;
  if (target.matches("select, textarea, input:not([type=checkbox])")) return;
  const row = target.closest("[data-row]");
  const at = rows.indexOf(row);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = rows[row ? at + (event.key === "ArrowDown" ? 1 : -1) : 0];
    if (!next) return;
    event.preventDefault();
    go(next);
  } else if (event.key === " " && row && target.matches("[data-open]") && tickOf(row)) {
    event.preventDefault();
    tickOf(row).click();
  } else if (event.key === "Enter" && row && target.matches("[data-select]")) {
    event.preventDefault();
    linkOf(row).click();
  } else if (event.key.toLowerCase() === "r" && !event.repeat) {
    const review = document.querySelector("[data-review]");
    if (review) review.click();
  }
});

// Opened or closed by the keyboard: the keyboard goes on from there.
const opened = rows.find((row) => row.id && `#${row.id}` === location.hash);
if (opened) (tickOf(opened) || linkOf(opened)).focus({ preventScroll: true });
