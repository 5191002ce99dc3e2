/* Monthly targets as a row of a spreadsheet: live sum, difference in words, helpers, pasting. */

import { difference, total } from "./months.js";
import { PLACES, parse, write } from "./numbers.js";
import { takeBlocks } from "./paste.js";

const form = document.getElementById("edit");

const indicatorOf = (element) => {
  const row = element.closest("[data-groups=indicators] > [data-prefix]");
  const months = row && row.querySelector("[data-months]");
  if (!months) return null;
  return {
    row,
    inputs: [...months.querySelectorAll("input")],
    annual: row.querySelector("input[name$='-annual_target']"),
    sum: months.querySelector("[data-sum]"),
    words: row.querySelector("[data-difference]"),
  };
};

const valuesOf = (inputs) => inputs.map((input) => parse(input.value));

const say = ({ words }, sentence, tone) => {
  words.textContent = sentence;
  words.className = tone;
};

const show = (indicator) => {
  const { inputs, annual, sum } = indicator;
  const values = valuesOf(inputs);
  const target = parse(annual.value);
  const wrong = difference(values, target);
  const isKnown = typeof target === "bigint";
  const isEmpty = values.every((value) => value === null);
  const missing = values.filter((value) => value === null).length;
  const isEven = isKnown && total(values) === target;
  sum.textContent = isEmpty ? "" : write(total(values)) + (isEven && !missing ? " ✓" : "");
  sum.parentElement.classList.toggle("is-ok", isEven && !missing);
  sum.parentElement.classList.toggle("is-off", isKnown && !isEmpty && !isEven);
  if (isEmpty && target !== undefined) say(indicator, "", "");
  else if (wrong) say(indicator, wrong, "bad");
  else if (isKnown && missing) say(indicator, `合计已与年度目标值一致，还有 ${missing} 个月未填，没有安排的填 0`, "muted");
  else say(indicator, "", "");
};

const enter = (indicator, values) => {
  values.forEach((text, index) => { if (indicator.inputs[index]) indicator.inputs[index].value = text; });
  indicator.inputs[0].dispatchEvent(new Event("input", { bubbles: true }));
};

const helpers = {
  rest(indicator) {
    const target = parse(indicator.annual.value);
    if (typeof target !== "bigint") return say(indicator, "请先填写年度目标值", "bad");
    const rest = target - total(valuesOf(indicator.inputs.slice(0, 11)));
    if (rest < 0n) return say(indicator, `前 11 个月已超出年度目标值 ${write(-rest)}，没有余额可补`, "bad");
    // A month left open has no target: the rest of the year goes to December.
    return enter(indicator, [...indicator.inputs.slice(0, 11).map((input) => input.value.trim() || "0"), write(rest)]);
  },
  even(indicator) {
    const target = parse(indicator.annual.value);
    if (typeof target !== "bigint" || target < 0n) return say(indicator, "请先填写年度目标值", "bad");
    const filled = indicator.inputs.some((input) => input.value.trim());
    if (filled && !window.confirm("将覆盖已填写的各月目标值，确定继续吗？")) return undefined;
    // With as many decimals as the annual target has; what does not divide goes to December.
    const decimals = (write(target).split(".")[1] || "").length;
    const step = 10n ** BigInt(PLACES - decimals);
    const share = target / step / 12n * step;
    return enter(indicator, [...Array(11).fill(write(share)), write(target - share * 11n)]);
  },
  paste(indicator) {
    indicator.inputs[0].focus();
    indicator.inputs[0].select();
    say(indicator, "在 WPS/Excel 中复制一行 12 个数，再按 Ctrl+V，从 1 月起依次填入；空的单元格留空", "muted");
  },
};

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (button) helpers[button.dataset.fill](indicatorOf(button));
});

takeBlocks(
  form,
  () => [...form.querySelectorAll("[data-months]")].map((months) => indicatorOf(months).inputs),
  (field, sentence) => say(indicatorOf(field), sentence, "bad"),
);

/* Arrow keys go along the row where the caret stands at the end of its cell. */
form.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-months] input");
  if (!cell || event.isComposing || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const { inputs } = indicatorOf(cell);
  const right = event.key === "ArrowRight";
  const atEnd = cell.selectionStart === cell.selectionEnd && cell.selectionEnd === (right ? cell.value.length : 0);
  const next = inputs[inputs.indexOf(cell) + (right ? 1 : -1)];
  if (!atEnd || !next) return;
  event.preventDefault();
  next.focus();
  next.select();
});

/* 理由 is asked for only where there is one indicator. */
const reason = form.querySelector("[data-reason]");
const showReason = () => {
  const named = [...form.querySelectorAll("[data-rows=indicators] input[name$='-name']")].filter((input) => input.value.trim());
  reason.hidden = named.length !== 1 && !reason.querySelector("textarea").value.trim() && !reason.querySelector(".errorlist");
};

const showAll = () => {
  form.querySelectorAll("[data-months]").forEach((months) => show(indicatorOf(months)));
  showReason();
};
form.addEventListener("input", (event) => {
  const indicator = event.target.name && indicatorOf(event.target);
  if (indicator) show(indicator);
  showReason();
});
form.addEventListener("rows", showAll);
showAll();
