/* The band's 帮助 opens the panel with what the help says of this page; without this script it is a link.
   Of 入门引导 one step is shown at a time, with its entry of the navigation marked. */
(() => {
  const panel = document.getElementById("help-panel");
  const link = document.querySelector("a[data-help]");
  const body = panel.querySelector("[data-body]");
  let shown = "";

  const close = () => {
    panel.hidden = true;
    link.setAttribute("aria-expanded", "false");
    link.focus();
  };
  const open = async () => {
    const page = window.location.pathname; // on the review desk it is another one than at first
    panel.hidden = false;
    link.setAttribute("aria-expanded", "true");
    document.getElementById("help-panel-title").focus();
    if (shown === page) return;
    const address = `${link.pathname}?${new URLSearchParams({ page, panel: "1" })}`;
    try {
      const answer = await fetch(address, { redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      body.innerHTML = await answer.text();
      shown = page;
    } catch {
      window.location.assign(link.href);
    }
  };
  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.setAttribute("aria-controls", panel.id);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    if (panel.hidden) open();
    else close();
  });
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") {
      event.preventDefault();
      link.click();
    }
  });
  panel.querySelector("[data-close]").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && panel.contains(document.activeElement)) close();
  });

  const tour = document.querySelector("[data-tour]");
  if (!tour) return;
  const steps = [...tour.querySelectorAll("li")];
  const previous = tour.querySelector("[data-previous]");
  const next = tour.querySelector("[data-next]");
  const end = tour.querySelector("[data-end]");
  const entries = [...document.querySelectorAll(".nav-link")];
  let at = 0;

  const show = () => {
    steps.forEach((step, place) => {
      step.hidden = place !== at;
    });
    previous.hidden = at === 0;
    next.hidden = at === steps.length - 1;
    end.textContent = next.hidden ? "完成" : "跳过";
    const { entry } = steps[at].dataset;
    entries.forEach((other) => {
      const label = other.querySelector(".nav-label");
      const isHere = Boolean(entry && label && label.textContent.trim() === entry);
      other.classList.toggle("is-here", isHere);
      if (isHere) other.scrollIntoView({ block: "nearest" });
    });
  };
  const step = (way) => {
    at += way;
    show();
    if (next.hidden) end.focus();
    else if (previous.hidden) next.focus();
  };
  previous.addEventListener("click", () => step(-1));
  next.addEventListener("click", () => step(1));
  show();
})();
