/* 目标调整申请: the sum of the months beside the year's target, while typing. */

import { difference, total } from "./months.js";
import { parse, write } from "./numbers.js";

const card = document.querySelector("[data-adjust]");
const inputs = [...card.querySelectorAll("[data-months] input")];
const annual = card.querySelector("input[name=annual_target]");
const sum = card.querySelector("[data-sum]");
const words = card.querySelector("[data-difference]");

const isLevel = card.dataset.level !== undefined;
const show = () => {
  if (isLevel) return;
  const values = inputs.map((input) => parse(input.value));
  const sentence = difference(values, parse(annual.value));
  sum.textContent = values.includes(undefined) ? "" : write(total(values)) + (sentence ? "" : " ✓");
  sum.parentElement.classList.toggle("is-ok", !sentence);
  sum.parentElement.classList.toggle("is-off", Boolean(sentence));
  words.textContent = sentence;
  words.className = sentence ? "bad" : "";
};

card.addEventListener("input", show);
show();
