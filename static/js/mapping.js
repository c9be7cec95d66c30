/**
 * The mapping editor: cards that were open stay open when a button sends the editor back, and
 * what was just added takes the focus. Without this script the same form works with its buttons.
 */

const OPEN = "details[open][id^='champ-']";
let added = "";
let pressed = "";

// A button pressed while another's answer is awaited waits for it: neither is lost.
document.body.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("#correspondance.htmx-request")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = event.submitter?.id ?? "";
  },
  { capture: true },
);

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
  const { requestConfig, target, xhr } = event.detail;
  if (!requestConfig.elt.isConnected) event.detail.shouldSwap = false;
  // Another page in its place (a session that ended): what was typed must not go.
  else if (!xhr.responseText.includes(`id="${target.id}"`)) {
    event.detail.shouldSwap = false;
    broken(true);
  } else broken(false);
});

function broken(isBroken) {
  document.getElementById("panne").classList.toggle("fr-hidden", !isBroken);
}
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(name, () => broken(true));
}

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "editeur") return;
  const card = added && document.getElementById(added);
  const waiting = pressed && document.getElementById(pressed);
  added = pressed = "";
  if (waiting) waiting.click();
  else if (card) focusIn(card.querySelector(".bo-operation:last-child") ?? card);
});

function focusIn(part) {
  part.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

// A link to one field (« …/correspondance/#champ-title ») opens its card.
function openAsked() {
  const card = location.hash.startsWith("#champ-") && document.getElementById(location.hash.slice(1));
  if (card) card.open = true;
}
window.addEventListener("hashchange", openAsked);
openAsked();
