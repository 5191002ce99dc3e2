/* Beside each progress value: the cumulative value as it will be, and in words whether a remark is due. */

import { parse, write } from "./numbers.js";
import { takeBlocks } from "./paste.js";

const show = (row) => {
  const input = row.querySelector("input[name$='-value']");
  if (!input) return; // of a 定性目标
  const value = parse(input.value);
  const sum = row.querySelector("[data-cumulative]");
  const words = row.querySelector("[data-lag]");
  if (value === undefined) {
    if (sum) sum.textContent = "";
    words.textContent = "";
    return;
  }
  const { earlier, bound, falling, shortfall } = row.dataset;
  const cumulative = BigInt(earlier) + (value || 0n);
  const lags = bound !== "" && (falling === undefined ? cumulative < BigInt(bound) : cumulative > BigInt(bound));
  if (sum) sum.textContent = write(cumulative);
  words.textContent = value !== null && lags ? `${sum ? "累计进度" : "最新值"} ${write(cumulative)}，${shortfall}，须在备注中说明原因` : "";
};

const table = document.querySelector(".table-values");
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
