/* Loaded in the head, before the first paint, so that a folded navigation never flashes open. */
(() => {
  const root = document.documentElement;
  const KEY = "nav-folded";
  root.classList.add("js");

  // A browser may refuse storage (private windows, policies): then the fold lasts for the page only.
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (folded) => { try { localStorage.setItem(KEY, folded ? "1" : "0"); } catch { /* see above */ } };
  // Until somebody has chosen, a narrow screen keeps its width for the page.
  const isFolded = () => (stored() === null ? matchMedia("(max-width: 1439.98px)").matches : stored() === "1");

  root.classList.toggle("nav-folded", isFolded());

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-nav-fold]");
    const show = (folded) => {
      root.classList.toggle("nav-folded", folded);
      const label = folded ? "展开导航栏" : "收起导航栏";
      button.setAttribute("aria-expanded", String(!folded));
      button.title = label;
      button.querySelector(".nav-label").textContent = label;
      // A folded entry is an icon: its words stay readable as a hint.
      document.querySelectorAll(".nav-link[href]").forEach((link) => {
        if (folded) link.title = link.querySelector(".nav-label").textContent.trim();
        else link.removeAttribute("title");
      });
    };
    if (button) {
      show(root.classList.contains("nav-folded"));
      button.addEventListener("click", () => {
        const folded = !root.classList.contains("nav-folded");
        remember(folded);
        show(folded);
      });
    }

    document.addEventListener("click", (event) => {
      document.querySelectorAll("details.menu[open]").forEach((menu) => {
        if (!menu.contains(event.target)) menu.open = false;
      });
    });
    document.addEventListener("keydown", (event) => {
      const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });

    // A page that answers a form takes the address at which it can be asked for: going back to it, or loading it again,
    // sends nothing twice and meets no question of the browser.
    const answer = document.querySelector("[data-answer-at]");
    if (answer) history.replaceState(history.state, "", answer.dataset.answerAt + location.hash);

    // After a refusal one goes on where it says why: at the list of problems, the first wrong field, or the sentence.
    const problems = document.querySelector("main .problems");
    const wrong = [...document.querySelectorAll("main form[method=post] [aria-invalid=true]")].find((field) => field.offsetParent);
    const notice = document.querySelector("main .notice[role=alert]");
    const reason = problems ? !problems.matches(".is-quiet") && problems : wrong || notice;
    if (reason && document.activeElement === document.body) {
      if (reason !== wrong) reason.tabIndex = -1;
      reason.focus();
    }

    // On a phone a list shows its first filter; the others on demand.
    document.querySelectorAll("[data-more-filters]").forEach((more) => {
      more.addEventListener("click", () => {
        const folded = more.form.classList.toggle("is-folded");
        more.setAttribute("aria-expanded", String(!folded));
        more.textContent = folded ? "更多条件" : "收起条件";
      });
    });

    // A row that leads somewhere reacts as a whole; the keyboard has its link.
    document.querySelectorAll("a.row-link").forEach((link) => {
      const row = link.closest("tr, li");
      if (!row) return;
      row.classList.add("leads");
      row.addEventListener("click", (event) => {
        const own = event.target.closest("a, button, input, select, textarea, label, summary, details");
        if (!own && !String(getSelection())) link.click();
      });
    });
  });
})();
