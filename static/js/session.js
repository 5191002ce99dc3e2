/* A session may end while somebody types. Before a form with data-keep is sent, and whenever a script asks
   `await session.ready()`, this makes sure that it still holds: if not, the password is asked for in place, every
   token on the page is renewed, and the work goes on, text and chosen files included.
   Without this script the server keeps the text (not the files) over the login page. */
(() => {
  const dialog = document.getElementById("sign-in-again");
  if (!dialog) return;
  const form = dialog.querySelector("form");
  const password = form.querySelector("[name=password]");
  const problem = form.querySelector(".errorlist");
  const due = form.querySelector(".again-due");
  const OUT_OF_REACH = "网络不通或服务暂停，本页内容没有丢失，请稍后再试。";
  const OTHER_PERSON = "本浏览器已换用其他账号登录。本页内容没有丢失，请在新窗口用原账号重新登录后，再回到这里操作。";

  const ask = async (url, options) => {
    const response = await fetch(url, { ...options, headers: { Accept: "application/json" }, cache: "no-store" });
    const answer = await response.json(); // a proxy's error page is no answer: it throws, like a dead line
    if (answer.csrf) {
      document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = answer.csrf; });
    }
    return { ok: response.ok, ...answer };
  };
  const probe = () => ask(dialog.dataset.session);
  const barred = (answer) => Boolean(answer.password_due || answer.code_due);
  const mine = (answer) => String(answer.person) === dialog.dataset.person;

  const showDue = (answer) => {
    due.hidden = !barred(answer);
    for (const part of due.children) part.hidden = !answer[part.dataset.due];
  };

  const show = (sentence) => {
    problem.hidden = !sentence;
    problem.firstElementChild.textContent = sentence;
  };

  const notice = (sentence) => {
    const old = document.getElementById("session-notice");
    if (old) old.remove();
    if (!sentence) return;
    const box = document.createElement("div");
    box.id = "session-notice";
    box.className = "notice notice-error";
    box.setAttribute("role", "alert");
    box.textContent = sentence;
    const main = document.getElementById("main");
    main.insertBefore(box, main.firstChild);
    box.scrollIntoView({ block: "center" });
  };

  const signIn = () => new Promise((resolve) => {
    let signedIn = false;
    const submit = async (event) => {
      event.preventDefault();
      try {
        const answer = due.hidden
          ? await ask(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) })
          : await probe();
        showDue(answer);
        show(barred(answer) ? "" : answer.problem || "");
        signedIn = answer.ok && due.hidden;
      } catch {
        show(OUT_OF_REACH);
      }
      password.value = "";
      if (signedIn) dialog.close();
      else password.focus();
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", () => {
      form.removeEventListener("submit", submit);
      password.value = "";
      resolve(signedIn);
    }, { once: true });
    show("");
    dialog.showModal();
    password.focus();
  });
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());

  const makeReady = async () => {
    notice("");
    try {
      const answer = await probe();
      if (answer.ok && !mine(answer)) notice(OTHER_PERSON);
      if (answer.ok) return mine(answer);
      showDue(answer);
      return await signIn();
    } catch {
      notice(OUT_OF_REACH);
      return false;
    }
  };

  let pending = null; // one question at a time, whoever asks
  const ready = () => {
    pending = pending || makeReady().finally(() => { pending = null; });
    return pending;
  };
  window.session = { ready };

  let checked = null;
  let asking = false; // whether a submission waits already: of a double click one goes
  document.addEventListener("submit", async (event) => {
    const kept = event.target;
    if (kept === checked || !kept.matches("form[data-keep]")) return;
    // Others hear of the submission only when it really happens.
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    if (asking) return;
    asking = true;
    const fine = await ready();
    asking = false;
    if (!fine) return;
    checked = kept;
    kept.requestSubmit(submitter);
    checked = null;
  }, true);
})();
