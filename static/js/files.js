/* Evidence on an edit page is sent as soon as it is chosen; without this script it goes with the page. */
const box = document.querySelector("[data-files]");
const input = box.querySelector("#id_files");
const tick = box.querySelector("#id_unclassified");
const progress = box.querySelector("[data-progress]");
const status = box.querySelector("[data-status]");
const title = box.querySelector("#id_classified_title");
const day = box.querySelector("#id_classified_sent_on");
const offered = box.querySelector("[data-offered]");
const NOT_BEGUN = "草稿没有保存，因此没有上传或登记。原因见页面底部，请稍后再试。";
const begin = () => (window.draft ? window.draft.begin() : Promise.resolve(true));
const OUT_OF_REACH = "网络不通或服务暂停，文件没有上传，请稍后再试。";

const complain = (list, problems) => {
  list.textContent = "";
  problems.forEach(({ name, text }) => {
    const item = document.createElement("li");
    item.textContent = name ? `“${name}”：${text}` : text;
    list.append(item);
  });
};
const fileProblems = (problems) => complain(box.querySelector("[data-problems]"), problems);
const noticeProblems = (problems) => complain(box.querySelector("[data-notice-problems]"), problems);

const changed = () => input.form.dispatchEvent(new CustomEvent("evidence"));

const addRow = (list, what, note, remove) => {
  if ([...list.querySelectorAll("[data-remove]")].some((button) => button.dataset.remove === remove)) return;
  const row = box.querySelector("[data-row]").content.cloneNode(true);
  row.querySelector("[data-what]").append(what);
  row.querySelector("[data-note]").textContent = note;
  const button = row.querySelector("button");
  button.dataset.remove = remove;
  button.setAttribute("aria-label", `移除 ${what.textContent || what}`);
  list.append(row);
};

const link = (file) => {
  const anchor = document.createElement("a");
  anchor.href = file.url;
  anchor.textContent = file.name;
  return anchor;
};

/* XMLHttpRequest, for the progress that fetch cannot tell. Resolves with the answer, or null when there was none. */
const post = (url, fields, onProgress) => new Promise((resolve) => {
  const data = new FormData();
  // Read now: signing in again renews it.
  data.append("csrfmiddlewaretoken", input.form.querySelector("[name=csrfmiddlewaretoken]").value);
  fields.forEach(([name, value]) => data.append(name, value));
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  if (onProgress) request.upload.addEventListener("progress", onProgress);
  request.addEventListener("loadend", () => resolve(request.response));
  request.send(data);
});
const ready = () => (window.session ? window.session.ready() : Promise.resolve(true));
const problemsOf = (answer) => {
  if (!answer) return [{ name: "", text: OUT_OF_REACH }];
  return answer.problems || [{ name: "", text: answer.problem || OUT_OF_REACH }];
};

/* What was refused for its mark is registered instead; nothing is sent before 登记 is pressed. */
const offer = (notices) => {
  offered.hidden = !notices.length;
  if (!notices.length || title.value || title.closest("[hidden]")) return;
  title.value = notices[0].title;
  day.value = notices[0].sent_on;
  title.focus();
};

const NOT_TICKED = { name: "", text: "请勾选“本材料不涉密”，勾选后自动上传。" };
const upload = async () => {
  if (!input.files.length) return;
  if (!tick.checked) {
    fileProblems([NOT_TICKED]);
    return;
  }
  if (progress.hidden === false || !(await ready())) return;
  if (!(await begin())) {
    fileProblems([{ name: "", text: NOT_BEGUN }]);
    return;
  }
  const files = [...input.files];
  fileProblems([]);
  progress.hidden = false;
  status.textContent = `正在上传 ${files.length} 个文件……`;
  const answer = await post(
    box.dataset.upload,
    [["unclassified", "on"], ...files.map((file) => ["files", file])],
    (event) => { if (event.lengthComputable) progress.value = (event.loaded / event.total) * 100; },
  );
  progress.hidden = true;
  progress.value = 0;
  const saved = (answer && answer.saved) || [];
  saved.forEach((file) => addRow(box.querySelector("[data-list]"), link(file), file.size, file.remove));
  fileProblems(problemsOf(answer));
  offer((answer && answer.notices) || []);
  if (saved.length) changed();
  status.textContent = saved.length ? `已上传 ${saved.length} 个文件。` : "";
  if (answer && answer.saved) {
    // Answered, one way or the other: the next files, chosen meanwhile or later, need a tick of their own.
    tick.checked = false;
    const isSame = input.files.length === files.length && files.every((file, place) => file === input.files[place]);
    if (isSame) input.value = "";
    else if (input.files.length) fileProblems([...problemsOf(answer), NOT_TICKED]);
  }
};
input.addEventListener("change", upload);
tick.addEventListener("change", () => { if (tick.checked) upload(); });

box.querySelector("[data-register]").addEventListener("click", async () => {
  if (!(await ready())) return;
  if (!(await begin())) {
    noticeProblems([{ name: "", text: NOT_BEGUN }]);
    return;
  }
  const answer = await post(box.dataset.classified, [["classified_title", title.value], ["classified_sent_on", day.value]]);
  noticeProblems(problemsOf(answer));
  if (answer && answer.notice) {
    addRow(box.querySelector("[data-notices]"), answer.notice.title, `${answer.notice.sent_on} 报送`, answer.notice.remove);
    title.value = day.value = "";
    changed();
  }
});

box.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  event.preventDefault();
  if (!(await ready())) return;
  const answer = await post(button.dataset.remove, []);
  const problems = problemsOf(answer);
  (button.closest("[data-list]") ? fileProblems : noticeProblems)(problems);
  if (problems.length) return;
  if (button.closest("[data-list]")) status.textContent = "已移除 1 个文件。";
  button.closest("li").remove();
  changed();
});
