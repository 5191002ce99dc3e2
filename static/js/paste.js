/* A block of cells pasted from WPS or Excel fills the form as it would fill a spreadsheet: every value at its
   place, empty cells included; or it is refused in words. Nothing is ever joined into one number. */

import { parse } from "./numbers.js";

const NUMBER_INPUT = "input[inputmode=decimal]";

/* One cell and what ends it: with a line break, a tab or a quotation mark in it, a spreadsheet quotes it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^\t\n]*))(\t|\n|$)/y;

/* The clipboard's text as rows of cells. */
const cellsOf = (text) => {
  const plain = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const rows = [[]];
  CELL.lastIndex = 0;
  for (;;) {
    const [, quoted, bare, end] = CELL.exec(plain);
    rows[rows.length - 1].push(quoted === undefined ? bare : quoted.replace(/""/g, '"'));
    if (!end) return rows;
    if (end === "\n") rows.push([]);
  }
};

const refusalFor = (cells, grid, top, left) => {
  const width = Math.max(...cells.map((row) => row.length));
  const down = grid.length - top;
  const across = grid[top].length - left;
  if (cells.length > down) return `粘贴的内容有 ${cells.length} 行，从这一格起只有 ${down} 行，没有填入`;
  if (width > across) return `粘贴的内容有 ${width} 列，从这一格起只有 ${across} 列，没有填入`;
  const strange = cells.flatMap((row, y) => row.filter((cell, x) => grid[top + y][left + x].matches(NUMBER_INPUT) && parse(cell) === undefined));
  return strange.length ? `“${strange[0].trim().slice(0, 20)}”不是数字，粘贴的内容没有填入` : "";
};

/* Ctrl+Z takes back the block that was pasted last, as long as nothing else was typed there. */
const undoable = (form) => {
  let filled = [];
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    const isHere = filled.some(({ target }) => target === event.target);
    if (!isHere || filled.some(({ target, after }) => target.value !== after)) return;
    event.preventDefault();
    filled.forEach(({ target, before }) => fill(target, before));
    filled = [];
  });
  return (cells) => {
    filled = cells.map(([target, text]) => {
      const before = target.value;
      fill(target, text);
      return { target, before, after: target.value };
    });
  };
};

const fill = (target, text) => {
  target.value = text;
  target.dispatchEvent(new Event("input", { bubbles: true }));
};

/* gridOf() → rows of fields as they stand on the page; say(field, sentence): where to put a refusal. */
export const takeBlocks = (form, gridOf, say) => {
  const fillAll = undoable(form);
  form.addEventListener("paste", (event) => {
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
    fillAll(cells.flatMap((row, y) => row.map((cell, x) => [grid[top + y][left + x], cell.trim()])));
  });
};
