/* Beside each progress value: the cumulative value as it will be, and in words whether a remark is due. */

import { UNIT, parse, write } from "./numbers.js";
import { takeBlocks } from "./paste.js";

const table = document.querySelector("[data-threshold]");
const threshold = parse(table.dataset.threshold);

const show = (row) => {
  const value = parse(row.querySelector("input[name$='-value']").value);
  const sum = row.querySelector("[data-cumulative]");
  const words = row.querySelector("[data-lag]");
  if (value === undefined) {
    sum.textContent = "";
    words.textContent = "";
    return;
  }
  const cumulative = parse(row.dataset.earlier) + (value || 0n);
  const target = parse(row.dataset.target);
  const lags = value !== null && cumulative * UNIT < threshold * target;
  sum.textContent = write(cumulative);
  words.textContent = lags ? `累计 ${write(cumulative)}，不足累计目标 ${write(target)} 的 ${write(threshold * 100n)}%，须在备注中说明原因` : "";
};

table.querySelectorAll("[data-earlier]").forEach(show);
table.addEventListener("input", (event) => {
  const row = event.target.closest("[data-earlier]");
  if (row) show(row);
});

takeBlocks(
  document.getElementById("edit"),
  () => [...table.querySelectorAll("[data-earlier]")].map((row) => [...row.querySelectorAll("input[name$='-value'], [name$='-remark']")]),
  (field, sentence) => { field.closest("[data-earlier]").querySelector("[data-lag]").textContent = sentence; },
);
