/* Rows are dragged by their [data-handle]. What a drop means is the edit page's own business: the row goes back to where
   it was, and the form hears "place" or "handover". */

import Sortable from "../sortablejs/sortable.esm.js";

const form = document.getElementById("edit");
const tell = (name, detail) => form.dispatchEvent(new CustomEvent(name, { detail }));

const drop = ({ item, from, to, oldIndex, newIndex, oldDraggableIndex, newDraggableIndex }) => {
  if (from === to && oldIndex === newIndex) return;
  item.remove();
  from.insertBefore(item, from.children[oldIndex] || null);
  if (from === to) tell("place", { list: from, from: oldDraggableIndex, to: newDraggableIndex });
  else tell("handover", { row: item, list: to, to: newDraggableIndex });
};

const start = (list) => {
  if (Sortable.get(list)) return;
  const { share } = list.dataset;
  Sortable.create(list, {
    handle: "[data-handle]",
    draggable: "[data-row]",
    animation: 120,
    // The browser's own dragging knows no touch; a copy inside the form would be saved along.
    forceFallback: true,
    fallbackOnBody: true,
    emptyInsertThreshold: 40,
    // Rows that are shared stand in the order of their months.
    sort: !share,
    group: share || list.dataset.rows,
    ghostClass: "is-dropping",
    dragClass: "is-dragged",
    onEnd: drop,
  });
};

const startAll = () => form.querySelectorAll("[data-rows]").forEach((list) => {
  if (list.querySelector("[data-handle]") || list.dataset.share) start(list);
});
form.addEventListener("rows", startAll);
startAll();
