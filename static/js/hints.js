/* 数据提示, 文字比对 and 作战图体检 as each save answers them: beside the field, to be confirmed with one click.
   What one types in stays where it is on the screen, whatever appears above it. */

const form = document.getElementById("edit");

const show = (box, found) => {
  const list = box.querySelector(".hints-list");
  const [tick, word] = ["hint_ok", "hint_word"].map((name) => box.querySelector(`[name$="${name}"]`));
  const texts = found ? found.texts : [];
  if (texts.join("\n") !== [...list.children].map((item) => item.textContent).join("\n")) {
    list.textContent = "";
    texts.forEach((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      list.append(item);
    });
  }
  box.disabled = !found;
  box.hidden = !found;
  const row = box.closest(".hints-row");
  if (row) row.hidden = !found;
  if (!found) return;
  tick.value = found.token;
  tick.checked = found.answered;
  if (document.activeElement !== word) word.value = found.word;
};

form.addEventListener("saved", ({ detail }) => {
  const field = document.activeElement;
  const before = field.getBoundingClientRect().top;
  Object.entries(detail.hints || {}).forEach(([name, found]) => {
    const box = form.querySelector(`[data-hints="${name}"]`);
    if (box) show(box, found);
  });
  form.querySelectorAll("[data-advice]").forEach((box) => {
    const written = detail[box.dataset.advice];
    if (written === undefined) return;
    box.replaceChildren(...new DOMParser().parseFromString(written, "text/html").body.childNodes);
  });
  window.scrollBy(0, field.getBoundingClientRect().top - before);
});
