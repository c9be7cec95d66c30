/**
 * Tell which search was shown, some seconds after: the server counts it without who makes it
 * (see docs/decisions/0062-search-log.md). Who asks not to be followed is not even counted.
 */
const address = document.querySelector("[data-note]")?.dataset.note;
const refused = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
const SECONDS = 3;
let waiting = null;

function soon() {
  clearTimeout(waiting);
  const search = location.search;
  if (search) waiting = setTimeout(() => navigator.sendBeacon(address, search), SECONDS * 1000);
}

if (address && !refused && navigator.sendBeacon) {
  soon();
  document.addEventListener("carrefour:results", () => setTimeout(soon));
}
