/**
 * The mapping editor: cards that were open stay open when a button sends the editor back, and
 * what was just added takes the focus. Without this script the same form works with its buttons.
 */

const OPEN = "details[open][id^='champ-']";
let added = "";

document.body.addEventListener("htmx:configRequest", (event) => {
  const { parameters, triggeringEvent } = event.detail;
  const button = triggeringEvent?.submitter;
  added = button?.value?.startsWith("ajouter-") ? (button.closest("details, section")?.id ?? "") : "";
  const opened = [...document.querySelectorAll(OPEN)].map((card) => card.id.slice("champ-".length));
  if (parameters.append) {
    for (const target of opened) parameters.append("ouvert", target);
  } else {
    parameters.ouvert = opened;
  }
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "editeur" || !added) return;
  const steps = document.getElementById(added)?.querySelectorAll(".bo-step, .bo-rule select");
  const last = steps?.[steps.length - 1];
  last?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  added = "";
});

// A link to one field (« …/correspondance/#champ-title ») opens its card.
function openAsked() {
  const card = location.hash.startsWith("#champ-") && document.getElementById(location.hash.slice(1));
  if (card) card.open = true;
}
window.addEventListener("hashchange", openAsked);
openAsked();
