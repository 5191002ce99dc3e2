/* 导出 Excel with its progress: the server says how many rows are done, a line each time, and after an empty line
   sends the file. Without this script the form is a plain download. */
const wrap = document.querySelector(".ledger-wrap");
const shade = () => wrap.classList.toggle("is-moved", wrap.scrollLeft > 0);
if (wrap) {
  wrap.addEventListener("scroll", shade, { passive: true });
  shade(); // a reloaded page may stand where it was
}

const PROGRESS = "application/x-progress";
const NEWLINE = 10;
const form = document.querySelector("[data-export]");

/* Reads the answer: calls `report` with each number of rows, and returns the file's blocks. */
const receive = async (body, report) => {
  const reader = body.getReader();
  const file = [];
  let line = "";
  let inFile = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    let start = 0;
    for (; !inFile && start < value.length; start += 1) {
      if (value[start] !== NEWLINE) {
        line += String.fromCharCode(value[start]);
      } else if (line) {
        report(Number(line));
        line = "";
      } else {
        inFile = true;
      }
    }
    if (inFile) file.push(value.subarray(start));
  }
  return inFile ? file : null;
};

const save = (blocks, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(blocks));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};

if (form) {
  const button = form.querySelector("button");
  const note = form.querySelector("[data-export-note]");
  const total = Number(form.dataset.rows);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    note.textContent = "正在生成……";
    try {
      const options = { method: "POST", body: new FormData(form), headers: { Accept: PROGRESS } };
      const response = await fetch(form.action, options);
      if (!response.ok || response.headers.get("Content-Type") !== PROGRESS) {
        form.submit(); // the page itself says what is wrong, or asks to sign in
        return;
      }
      const blocks = await receive(response.body, (rows) => {
        note.textContent = `正在生成…… ${rows} / ${Math.max(rows, total)} 行`;
      });
      if (!blocks) throw new Error("cut off");
      save(blocks, form.dataset.export);
      note.textContent = "已生成，文件已下载。";
    } catch {
      note.textContent = "没有导出成功，请检查网络后重试。";
    }
    button.disabled = false;
  });
}
