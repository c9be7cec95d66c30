/**
 * The mapping editor: cards that were open stay open when a button sends the editor back, and
 * what was just added takes the focus. Without this script the same form works with its buttons.
 */

const OPEN = "details[open][id^='champ-']";
let added = "";

document.body.addEventListener("htmx:configRequest", (event) => {
  const { parameters, triggeringEvent } = event.detail;
  const button = triggeringEvent?.submitter;
  if (button?.value.startsWith("ajouter-")) {
    added = button.closest("[id^='champ-']")?.id ?? `champ-${addedField(button)}`;
  }
  for (const card of document.querySelectorAll(OPEN)) {
    parameters.append("ouvert", card.id.slice("champ-".length));
  }
});

/** The field chosen beside « Ajouter ce champ ». */
function addedField(button) {
  return button.closest("section")?.querySelector("select[name^='nouveau-']")?.value ?? "";
}

// A preview asked before a button sent the whole editor back tells of a form that is no more.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig.elt.isConnected) event.detail.shouldSwap = false;
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "editeur" || !added) return;
  const card = document.getElementById(added);
  added = "";
  const step = card?.querySelector(".bo-step:last-child") ?? card;
  step?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

// A link to one field (« …/correspondance/#champ-title ») opens its card.
function openAsked() {
  const card = location.hash.startsWith("#champ-") && document.getElementById(location.hash.slice(1));
  if (card) card.open = true;
}
window.addEventListener("hashchange", openAsked);
openAsked();
