/**
 * Update the results at each choice, without losing the focus or the place in the page.
 * Without this script the same form works with its button.
 */

const form = document.querySelector('[data-enhance="search"]');
const REPLACED = ["resultats-corps", "filtres-bouton", "filtres-effacer", "recherche-cachee"];
const DEFAULTS = { tri: "pertinence", vue: "liste" };
let request = null;
let shown = location.search;

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "" && DEFAULTS[name] !== value) query.append(name, value);
  }
  const text = query.toString();
  return form.action.split("?")[0] + (text ? `?${text}` : "");
}

/** Swap the options of each facet, so that an open accordion or list stays open. */
function replaceFacets(next) {
  for (const fieldset of form.querySelectorAll("[data-facet]")) {
    const other = next.getElementById(fieldset.id);
    if (!other) continue;
    const isOpen = fieldset.querySelector("details")?.open;
    fieldset.replaceChildren(...other.children);
    const more = fieldset.querySelector("details");
    if (more && isOpen) more.open = true;
  }
}

function replace(next) {
  const focused = document.activeElement?.id;
  for (const id of REPLACED) {
    const [here, there] = [document.getElementById(id), next.getElementById(id)];
    if (here && there) here.replaceChildren(...there.childNodes);
  }
  replaceFacets(next);
  const title = next.getElementById("nombre").textContent;
  document.getElementById("nombre").textContent = title;
  const everywhere = document.getElementById("nombre-en-france")?.textContent ?? "";
  document.getElementById("annonce").textContent = `${title} ${everywhere}`.trim();
  document.title = next.title;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("carrefour:results"));
}

async function update() {
  request?.abort();
  request = new AbortController();
  const results = document.getElementById("resultats");
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address(), { signal: request.signal });
    if (!response.ok) throw new Error(String(response.status));
    replace(new DOMParser().parseFromString(await response.text(), "text/html"));
    history.pushState({}, "", response.url);
    shown = location.search;
  } catch (error) {
    if (error.name === "AbortError") return;
    form.submit();
  }
  results.removeAttribute("aria-busy");
}

form?.addEventListener("change", (event) => {
  if (event.target.matches('[type="checkbox"][name], select, #annee_min, #annee_max')) update();
});
// Going back to another search; a skip link changes the fragment only.
window.addEventListener("popstate", () => {
  if (location.search !== shown) location.reload();
});
