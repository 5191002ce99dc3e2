/* 常用意见 beside a decision: a click puts one into the words, ＋ keeps what is written, × forgets one.

   [data-opinions=address of the list] > [data-opinion] > [data-insert], [data-remove=address] · [data-keep-opinion] */

const ready = () => (window.session ? window.session.ready() : Promise.resolve(true));
const OUT_OF_REACH = "网络不通或服务暂停，常用意见没有改动，请稍后再试。";

const words = (form) => form.querySelector("textarea[name=detail]");

const insert = (form, text) => {
  const field = words(form);
  const before = field.value.trimEnd();
  field.value = before ? `${before}\n${text}` : text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
};

/* Every decision of the page shows the same ones. */
const show = (opinions) => document.querySelectorAll("[data-opinions]").forEach((box) => {
  const list = box.querySelector("ul");
  const row = box.querySelector("[data-opinion-row]");
  list.textContent = "";
  opinions.forEach(({ pk, text }) => {
    const item = row.content.cloneNode(true);
    item.querySelector("[data-insert]").textContent = text;
    const remove = item.querySelector("[data-remove]");
    remove.dataset.remove = remove.dataset.remove.replace("/0/", `/${pk}/`);
    remove.setAttribute("aria-label", `删除常用意见：${text}`);
    list.append(item);
  });
});

const send = async (box, address, fields) => {
  const status = box.querySelector("[data-status]");
  if (!(await ready())) return;
  const body = new FormData();
  // Read now: signing in again renews it.
  body.append("csrfmiddlewaretoken", box.closest("form").querySelector("[name=csrfmiddlewaretoken]").value);
  fields.forEach(([name, value]) => body.append(name, value));
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    const found = await answer.json();
    show(found.opinions);
    status.textContent = found.problems.join("") || found.notice;
    status.classList.toggle("bad", found.problems.length > 0);
  } catch {
    status.textContent = OUT_OF_REACH;
    status.classList.add("bad");
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opinions] button");
  if (!button) return;
  const box = button.closest("[data-opinions]");
  const form = box.closest("form");
  if (button.matches("[data-insert]")) insert(form, button.textContent);
  else if (button.matches("[data-remove]")) send(box, button.dataset.remove, []).then(() => words(form).focus());
  else if (button.matches("[data-keep-opinion]")) send(box, box.dataset.opinions, [["text", words(form).value]]);
});
