/* What takes long says that it is under way and for how long, and is not sent twice. */
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter || form.querySelector("[data-busy]");
    if (!button || !button.dataset.busy) return;
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    form.setAttribute("aria-busy", "true");
    button.textContent = button.dataset.busy;
    const start = Date.now();
    setInterval(() => {
      button.textContent = `${button.dataset.busy}（${Math.round((Date.now() - start) / 1000)} 秒）`;
    }, 1000);
  });
}
// Coming back by the browser's button shows the page as it was left.
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
