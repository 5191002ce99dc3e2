/* a[data-preview] enlarges a file in place; with a key or button for a new tab, or without scripts, it is a link. */
(() => {
  const dialog = document.getElementById("preview-dialog");
  const frame = dialog.querySelector("iframe");
  let opener = null;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-preview]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    opener = link;
    document.getElementById("preview-name").textContent = link.dataset.name;
    frame.title = link.dataset.name;
    frame.src = `${link.href}?view=frame`;
    dialog.showModal();
    frame.focus();
  });
  // Keys pressed inside the frame do not reach the dialog by themselves.
  frame.addEventListener("load", () => {
    const shown = frame.contentDocument;
    if (!shown) return;
    shown.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
      const link = step && shown.querySelector(`a[rel=${step}]`);
      if (event.key === "Escape") dialog.close();
      else if (link && document.activeElement === frame) frame.src = link.href;
    });
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // outside of the box
  });
  dialog.addEventListener("close", () => {
    frame.removeAttribute("src");
    if (opener) opener.focus();
  });
})();
