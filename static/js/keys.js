/**
 * One key per decision: a key presses the control that bears it (data-key). Never while someone
 * writes, with a modifier held, or in a dialog that is open; nor twice.
 */

const WRITING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
let isDone = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isDone) return;
  if (event.target.closest(WRITING) || document.querySelector("dialog[open], dialog.fr-modal--opened")) return;
  const wanted = event.key.toLowerCase();
  const control = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === wanted);
  if (!control || control.disabled) return;
  event.preventDefault();
  if (control.matches("[type=radio]")) {
    control.checked = true;
    control.focus();
    return;
  }
  // What it opens comes next.
  if (control.matches("summary")) control.focus();
  isDone = control.matches("a[href], [type=submit]") && (control.form?.checkValidity() ?? true);
  control.click();
});
window.addEventListener("pageshow", () => {
  isDone = false;
});
