/**
 * The map of replications year by year: a slider, and a button that runs through the years. The
 * server draws one year and tells of each; without this script, one still picture per year.
 */
const PAUSE = 900;

for (const root of document.querySelectorAll("[data-spread]")) {
  const years = root.dataset.years.split(",");
  const told = root.dataset.told.split("|");
  const slider = root.querySelector("input[type=range]");
  const status = root.querySelector("[data-spread-told]");
  const title = root.querySelector("svg > title");
  const play = root.querySelector("[data-spread-play]");
  if (!slider) continue;
  let timer = 0;

  const show = (rank) => {
    slider.value = rank;
    slider.setAttribute("aria-valuetext", told[rank]);
    status.textContent = told[rank];
    title.textContent = told[rank];
    for (const zone of root.querySelectorAll("[data-shades]")) {
      zone.setAttribute("class", `carrefour-shade-${zone.dataset.shades.split(",")[rank]}`);
      zone.querySelector("title").textContent = `${zone.dataset.name} : ${zone.dataset.sites.split(",")[rank]}`;
    }
    for (const cell of root.querySelectorAll("td[data-sites]")) {
      cell.textContent = cell.dataset.sites.split(",")[rank] || "0";
    }
    // The address can be shared as it stands.
    const address = new URL(window.location.href);
    address.searchParams.set("annee", years[rank]);
    window.history.replaceState(window.history.state, "", address);
  };

  const stop = () => {
    window.clearInterval(timer);
    timer = 0;
    play.textContent = "Dérouler";
    play.classList.replace("fr-icon-pause-line", "fr-icon-play-line");
    status.setAttribute("role", "status");
  };

  slider.addEventListener("input", () => {
    if (timer) stop();
    show(Number(slider.value));
  });
  play.addEventListener("click", () => {
    if (timer) {
      stop();
      return;
    }
    const last = years.length - 1;
    if (Number(slider.value) === last) show(0);
    play.textContent = "Arrêter";
    play.classList.replace("fr-icon-play-line", "fr-icon-pause-line");
    // A screen reader is told where it ends, not each year on the way.
    status.setAttribute("role", "presentation");
    timer = window.setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next >= last) stop();
      if (next <= last) show(next);
    }, PAUSE);
  });
}
