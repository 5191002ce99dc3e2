/* 目标调整申请: the sum of the months beside the year's target, while typing. */

import { parse, write } from "./numbers.js";

const card = document.querySelector("[data-adjust]");
const inputs = [...card.querySelectorAll("[data-months] input")];
const annual = card.querySelector("input[name=annual_target]");
const sum = card.querySelector("[data-sum]");
const words = card.querySelector("[data-difference]");

const difference = (total, target) => {
  if (total === undefined || target === undefined) return "有的内容不是数字，或超过 11 位整数、4 位小数";
  if (target === null || total === target) return "";
  return total < target
    ? `还差 ${write(target - total)}，才与年度目标值一致`
    : `已超出 ${write(total - target)}，应与年度目标值一致`;
};

const show = () => {
  const values = inputs.map((input) => parse(input.value));
  const target = parse(annual.value);
  const total = values.includes(undefined) ? undefined : values.reduce((before, value) => before + (value || 0n), 0n);
  const sentence = difference(total, target);
  sum.textContent = total === undefined ? "" : write(total) + (sentence ? "" : " ✓");
  sum.parentElement.classList.toggle("is-ok", !sentence);
  sum.parentElement.classList.toggle("is-off", Boolean(sentence));
  words.textContent = sentence;
  words.className = sentence ? "bad" : "";
};

card.addEventListener("input", show);
show();
