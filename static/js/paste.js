/* A block of cells pasted from WPS or Excel fills the form as it would fill a spreadsheet: every value at its
   place, empty cells included; or it is refused in words. Nothing is ever joined into one number. */

import { parse } from "./numbers.js";

const NUMBER_INPUT = "input[inputmode=decimal]";

/* The clipboard's text as rows of cells. */
const cellsOf = (text) => text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));

const refusalFor = (cells, grid, top, left) => {
  const width = Math.max(...cells.map((row) => row.length));
  const down = grid.length - top;
  const across = grid[top].length - left;
  if (cells.length > down) return `粘贴的内容有 ${cells.length} 行，从这一格起只有 ${down} 行，没有填入`;
  if (width > across) return `粘贴的内容有 ${width} 列，从这一格起只有 ${across} 列，没有填入`;
  const strange = cells.flatMap((row, y) => row.filter((cell, x) => grid[top + y][left + x].matches(NUMBER_INPUT) && parse(cell) === undefined));
  return strange.length ? `“${strange[0].trim().slice(0, 20)}”不是数字，粘贴的内容没有填入` : "";
};

/* gridOf() → rows of fields as they stand on the page; say(field, sentence): where to put a refusal. */
export const takeBlocks = (form, gridOf, say) => form.addEventListener("paste", (event) => {
  const field = event.target.closest(NUMBER_INPUT);
  if (!field || field.readOnly) return;
  const cells = cellsOf(event.clipboardData.getData("text/plain"));
  if (cells.length === 1 && cells[0].length === 1) return;
  event.preventDefault();
  const grid = gridOf();
  const top = grid.findIndex((row) => row.includes(field));
  const left = top < 0 ? -1 : grid[top].indexOf(field);
  const refusal = left < 0 ? "这里只能填一个数，粘贴的多个单元格没有填入" : refusalFor(cells, grid, top, left);
  if (refusal) {
    say(field, refusal);
    return;
  }
  cells.forEach((row, y) => row.forEach((cell, x) => {
    const target = grid[top + y][left + x];
    target.value = cell.trim();
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }));
});
