/* Monthly targets as a row of a spreadsheet: live sum, difference in words, helpers, pasting. */

import { difference, total } from "./months.js";
import { PLACES, parse, write } from "./numbers.js";
import { takeBlocks } from "./paste.js";

const form = document.getElementById("edit");

const chosen = (prefix, name) => form.elements[`${prefix}-${name}`].value;
const INCREMENTS = ["cumulative", "cumulative_cap"];

const indicatorOf = (element) => {
  const row = element.closest("[data-groups=indicators] > [data-prefix]");
  const months = row && row.querySelector("[data-months]");
  if (!months) return null;
  const period = Number(chosen(row.dataset.prefix, "period")) || 1;
  const inputs = [...months.querySelectorAll("input")].filter((input, index) => (index + 1) % period === 0);
  return {
    row,
    type: chosen(row.dataset.prefix, "type"),
    period,
    inputs,
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

/* Of a level: the last month is the year's. */
const showLevel = (indicator) => {
  const { inputs, annual } = indicator;
  const values = inputs.map((input) => parse(input.value));
  const target = parse(annual.value);
  const last = values[values.length - 1];
  const missing = values.filter((value) => value === null).length;
  if (values.includes(undefined) || target === undefined) say(indicator, "有的内容不是数字，或超过 11 位整数、4 位小数", "bad");
  else if (typeof target === "bigint" && typeof last === "bigint" && last !== target) say(indicator, `12 月目标值 ${write(last)}，应与年度目标值 ${write(target)} 一致`, "bad");
  else if (missing && missing < values.length) say(indicator, `还有 ${missing} 个月未填`, "muted");
  else say(indicator, "", "");
};

const show = (indicator) => {
  if (!INCREMENTS.includes(indicator.type)) { showLevel(indicator); return; }
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
    const rest = target - total(valuesOf(indicator.inputs.slice(0, -1)));
    if (rest < 0n) return say(indicator, `前 ${indicator.inputs.length - 1} 个月已超出年度目标值 ${write(-rest)}，没有余额可补`, "bad");
    // A month left open has no target: the rest of the year goes to December.
    return enter(indicator, [...indicator.inputs.slice(0, -1).map((input) => input.value.trim() || "0"), write(rest)]);
  },
  even(indicator) {
    const target = parse(indicator.annual.value);
    if (typeof target !== "bigint" || target < 0n) return say(indicator, "请先填写年度目标值", "bad");
    const filled = indicator.inputs.some((input) => input.value.trim());
    if (filled && !window.confirm("将覆盖已填写的各月目标值，确定继续吗？")) return undefined;
    // With as many decimals as the annual target has; what does not divide goes to December.
    const decimals = (write(target).split(".")[1] || "").length;
    const step = 10n ** BigInt(PLACES - decimals);
    const number = BigInt(indicator.inputs.length);
    const share = target / step / number * step;
    return enter(indicator, [...Array(indicator.inputs.length - 1).fill(write(share)), write(target - share * (number - 1n))]);
  },
  line(indicator) {
    const target = parse(indicator.annual.value);
    const start = parse(form.elements[`${indicator.row.dataset.prefix}-baseline`].value);
    if (typeof target !== "bigint" || typeof start !== "bigint") return say(indicator, "请先填写年度目标值和基期值", "bad");
    const filled = indicator.inputs.some((input) => input.value.trim());
    if (filled && !window.confirm("将覆盖已填写的各月目标值，确定继续吗？")) return undefined;
    const number = BigInt(indicator.inputs.length);
    const decimals = Math.max(...[target, start].map((value) => (write(value).split(".")[1] || "").length));
    const step = 10n ** BigInt(PLACES - decimals);
    return enter(indicator, indicator.inputs.map((input, index) => write(index === indicator.inputs.length - 1 ? target : start + (target - start) * BigInt(index + 1) / number / step * step)));
  },
  paste(indicator) {
    indicator.inputs[0].focus();
    indicator.inputs[0].select();
    say(indicator, `在 WPS/Excel 中复制一行 ${indicator.inputs.length} 个数，再按 Ctrl+V，从 ${indicator.period} 月起依次填入；空的单元格留空`, "muted");
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

/* A type has its own fields, a period its months; what is not shown is not kept. */
const ABOUT = JSON.parse(document.getElementById("about-types").textContent);
const fit = (card) => {
  const { prefix } = card.dataset;
  const type = chosen(prefix, "type");
  const period = Number(chosen(prefix, "period")) || 1;
  const group = form.querySelector(`[data-groups=indicators] > [data-prefix="${prefix}"]`);
  [card, group].forEach((block) => {
    block.querySelectorAll("[data-only]").forEach((part) => { part.hidden = !part.dataset.only.split(" ").includes(type); });
    block.querySelectorAll("[data-month]").forEach((month) => { month.hidden = Number(month.dataset.month) % period !== 0; });
  });
  card.querySelector("[data-about]").textContent = ABOUT[type];
  group.querySelector("[data-words]").hidden = type !== "qualitative";
  group.querySelector("[data-figures]").hidden = type === "qualitative";
};
const fitAll = () => {
  const cards = [...form.querySelectorAll("[data-rows=indicators] > [data-row]")];
  cards.forEach(fit);
  form.querySelector("[data-some-level]").hidden = cards.every((card) => INCREMENTS.includes(chosen(card.dataset.prefix, "type")));
};
form.addEventListener("change", (event) => {
  if (event.target.matches("[data-rows=indicators] select")) {
    fitAll();
    form.querySelectorAll("[data-months]").forEach((months) => show(indicatorOf(months)));
  }
});

/* 理由 is asked for only where there is one indicator. */
const reason = form.querySelector("[data-reason]");
const showReason = () => {
  const named = [...form.querySelectorAll("[data-rows=indicators] input[name$='-name']")].filter((input) => input.value.trim());
  reason.hidden = named.length !== 1 && !reason.querySelector("textarea").value.trim() && !reason.querySelector(".errorlist");
};

const showAll = () => {
  fitAll();
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
