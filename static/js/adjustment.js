/* 目标调整申请: what the months amount to beside the year's target, while typing. */

import { difference, total } from "./months.js";
import { parse, write } from "./numbers.js";

const card = document.querySelector("[data-adjust]");
const inputs = [...card.querySelectorAll("[data-months] input")];
const annual = card.querySelector("input[name=annual_target]");
const sum = card.querySelector("[data-sum]");
const words = card.querySelector("[data-difference]");

const say = (sentence) => {
  words.textContent = sentence;
  words.className = sentence ? "bad" : "";
};

/* Of a level: the last month is the year's. */
const showLevel = () => {
  const last = parse(inputs[inputs.length - 1].value);
  const target = parse(annual.value);
  const differs = typeof last === "bigint" && typeof target === "bigint" && last !== target;
  say(differs ? `12 月目标值 ${write(last)}，应与年度目标值 ${write(target)} 一致` : "");
};

const showSum = () => {
  const values = inputs.map((input) => parse(input.value));
  const sentence = difference(values, parse(annual.value));
  sum.textContent = values.includes(undefined) ? "" : write(total(values)) + (sentence ? "" : " ✓");
  sum.parentElement.classList.toggle("is-ok", !sentence);
  sum.parentElement.classList.toggle("is-off", Boolean(sentence));
  say(sentence);
};

const show = card.dataset.level === undefined ? showSum : showLevel;
card.addEventListener("input", show);
show();
