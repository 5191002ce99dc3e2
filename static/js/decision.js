/* The reason is asked for only by decisions that need one; without this script all fields stand open. */
const form = document.querySelector("[data-decision]");
const needing = form.dataset.decision.split(" ");
const reason = form.querySelector("[data-reason]");
const label = form.querySelector("[data-detail-label]");

const show = () => {
  const chosen = form.querySelector("input[name=action]:checked");
  const needed = Boolean(chosen) && needing.includes(chosen.value);
  reason.hidden = !needed;
  label.textContent = needed ? "详细描述" : "意见（可不填）";
};

form.addEventListener("change", show);
show();
