/* 逐项退回: what is ticked is tinted and may be given words; the decision says how many items it sends back. */
const noteOf = (tick) => tick.form && tick.form.querySelector("[data-ticked]");

document.addEventListener("change", ({ target }) => {
  if (!target.matches || !target.matches("[data-tick]")) return;
  target.closest("[data-item]").classList.toggle("is-ticked", target.checked);
  const words = [...document.querySelectorAll("[data-words]")].find((field) => field.dataset.words === target.value);
  if (words) {
    words.classList.toggle("is-on", target.checked);
    if (!target.checked) words.value = "";
  }
  const note = noteOf(target);
  if (!note) return;
  const number = [...target.form.elements].filter((field) => field.matches("[data-tick]") && field.checked).length;
  note.textContent = number ? `只退勾选的 ${number} 项` : "没有勾选内容，整件退回；勾选的，只退勾选的内容";
  note.classList.toggle("bad", number > 0);
});
