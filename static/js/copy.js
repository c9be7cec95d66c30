/**
 * « Copier » beside what is worth copying: an address (data-copy) or a text box (data-copy-text).
 * Without this script, the link and the box are there to be copied by hand.
 */
function add(element) {
  if (element.dataset.copyReady || !navigator.clipboard) return;
  element.dataset.copyReady = "oui";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "carrefour-copy fr-btn fr-btn--tertiary fr-btn--sm fr-icon-clipboard-line fr-btn--icon-left";
  button.textContent = element.dataset.copyText ?? "Copier le lien";
  const said = document.createElement("span");
  said.className = "fr-text--sm fr-ml-1w";
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(element.dataset.copy ?? element.value);
      said.textContent = "Copié";
    } catch {
      said.textContent = "La copie n’est pas permise par votre navigateur";
    }
  });
  element.after(button, said);
}

const all = () => document.querySelectorAll("[data-copy], [data-copy-text]").forEach(add);
all();
document.addEventListener("carrefour:results", all);
