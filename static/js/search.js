/* Ctrl+K (⌘K), and the band's 检索, open the box in place. Without this script the link leads to the page. */
(() => {
  const dialog = document.getElementById("search-dialog");
  const words = document.getElementById("search-words");

  const open = () => {
    // Another dialog asks for something first.
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    words.focus();
    words.select();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault(); // the browser's own box of addresses
      open();
    }
  });
  document.querySelectorAll("[data-search]").forEach((link) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
      event.preventDefault();
      open();
    });
  });
  // Outside of the box.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
