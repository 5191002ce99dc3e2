/* What twelve months amount to beside the target of their year. Values are as `parse` reads them. */

import { write } from "./numbers.js";

export const total = (values) => values.reduce((sum, value) => sum + (value || 0n), 0n);

/* A sentence; "" while there is nothing to say. */
export const difference = (values, target) => {
  if (values.includes(undefined) || target === undefined) return "有的内容不是数字，或超过 11 位整数、4 位小数";
  const sum = total(values);
  if (target === null || sum === target) return "";
  return sum < target
    ? `还差 ${write(target - sum)}，才与年度目标值一致`
    : `已超出 ${write(sum - target)}，应与年度目标值一致`;
};
