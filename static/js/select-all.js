/* 全选 for the ticks of a list, and a button for those that leave no doubt. */
const all = document.querySelector("[data-select-all]");
const each = [...document.querySelectorAll("[data-select]")];

if (all) {
  all.addEventListener("change", () => each.forEach((tick) => { tick.checked = all.checked; }));
  each.forEach((tick) => tick.addEventListener("change", () => { all.checked = each.every((other) => other.checked); }));
}

const clear = document.querySelector("[data-select-clear]");
const plain = each.filter((tick) => tick.hasAttribute("data-clear"));

if (clear && plain.length) {
  clear.hidden = false;
  clear.querySelector("[data-number]").textContent = plain.length;
  clear.addEventListener("click", () => {
    each.forEach((tick) => { tick.checked = plain.includes(tick); });
    if (all) {
      all.checked = plain.length === each.length;
    }
  });
}
