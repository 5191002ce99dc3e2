/* 全选 for the ticks of a list. */
const all = document.querySelector("[data-select-all]");
const each = [...document.querySelectorAll("[data-select]")];

if (all) {
  all.addEventListener("change", () => each.forEach((tick) => { tick.checked = all.checked; }));
  each.forEach((tick) => tick.addEventListener("change", () => { all.checked = each.every((other) => other.checked); }));
}
