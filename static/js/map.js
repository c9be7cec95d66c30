/**
 * The map of places: embedded outlines, markers that the keyboard reaches, popups with links.
 * The library, the outlines and the places are named by the attributes of the container.
 */

const FRANCE = [[-5.3, 41.2], [9.8, 51.3]];
const CELL = 64; // pixels within which places share one marker
const LISTED = 8; // at most so many records listed in a popup; more zoom in
const CLOSEST = 13;
const FRENCH = {
  "NavigationControl.ZoomIn": "Zoomer",
  "NavigationControl.ZoomOut": "Dézoomer",
  "AttributionControl.ToggleAttribution": "Afficher ou masquer les mentions",
  "AttributionControl.MapFeedback": "Signaler un défaut de la carte",
  "Popup.Close": "Fermer la liste",
  "CooperativeGesturesHandler.WindowsHelpText": "Ctrl + molette pour zoomer sur la carte",
  "CooperativeGesturesHandler.MacHelpText": "⌘ + molette pour zoomer sur la carte",
  "CooperativeGesturesHandler.MobileHelpText": "Deux doigts pour déplacer la carte",
};

const absolute = (path) => new URL(path, document.baseURI).href;
const plural = (number, one, many) => `${number.toLocaleString("fr-FR")} ${number > 1 ? many : one}`;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888";
}

function style({ outlines, tiles, attribution }) {
  const sources = { outlines: { type: "geojson", data: absolute(outlines) } };
  const layers = [
    { id: "sea", type: "background", paint: {} },
    { id: "land", type: "fill", source: "outlines", paint: {} },
    { id: "borders", type: "line", source: "outlines", paint: { "line-width": 1 } },
  ];
  if (tiles) {
    sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, attribution };
    layers.splice(2, 0, { id: "tiles", type: "raster", source: "tiles" });
  }
  return { version: 8, sources, layers };
}

function paint(map) {
  map.setPaintProperty("sea", "background-color", colour("--background-alt-blue-france"));
  map.setPaintProperty("land", "fill-color", colour("--background-default-grey"));
  map.setPaintProperty("borders", "line-color", colour("--border-default-grey"));
}

/** Places as objects: {lon, lat, number} and, when they are points, the record they belong to. */
function read(answer) {
  return answer.rows.map((row) => {
    const place = Object.fromEntries(answer.columns.map((name, rank) => [name, row[rank]]));
    return { ...place, number: place.lieux ?? 1 };
  });
}

/** Gather the places that stand within one cell of the screen. */
function gather(map, places) {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const cells = new Map();
  for (const place of places) {
    const { x, y } = map.project([place.lon, place.lat]);
    if (x < -CELL || y < -CELL || x > width + CELL || y > height + CELL) continue;
    const key = `${Math.floor(x / CELL)}:${Math.floor(y / CELL)}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(place);
  }
  return [...cells.values()];
}

function middle(group) {
  const sum = (name) => group.reduce((total, place) => total + place[name], 0) / group.length;
  return [sum("lon"), sum("lat")];
}

function box(group) {
  const [lons, lats] = [group.map((place) => place.lon), group.map((place) => place.lat)];
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

function button(group, number) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "carrefour-dot";
  if (number > 1) {
    element.classList.add("carrefour-dot--many");
    element.classList.toggle("carrefour-dot--huge", number > 99);
    element.textContent = number.toLocaleString("fr-FR");
    element.setAttribute("aria-label", `${plural(number, "lieu", "lieux")} ici`);
    return element;
  }
  const [place] = group;
  const isWide = place.precision !== "point" && place.precision !== "commune";
  element.classList.toggle("carrefour-dot--wide", isWide);
  element.setAttribute("aria-label", `${place.titre}, ${place.lieu}`);
  return element;
}

/** The records of a group of places, as a list of links. */
function list(group, address) {
  const content = document.createElement("div");
  content.className = "carrefour-popup";
  const items = document.createElement("ul");
  for (const place of group) {
    const [item, link, where] = ["li", "a", "p"].map((name) => document.createElement(name));
    link.href = address.replace("FICHE", place.fiche);
    link.textContent = place.titre;
    where.textContent = place.lieu;
    item.append(link, where);
    items.append(item);
  }
  content.append(items);
  return content;
}

class PlacesMap {
  constructor(library, container, answer) {
    this.library = library;
    this.container = container;
    this.markers = [];
    this.take(answer);
    this.map = new library.Map({
      container,
      style: style(container.dataset),
      bounds: this.places.length ? box(this.places) : FRANCE,
      fitBoundsOptions: { padding: 48, maxZoom: 9 },
      maxZoom: 15,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      cooperativeGestures: true,
      attributionControl: { compact: true, customAttribution: "Contours : IGN, Insee" },
      locale: { ...FRENCH, "Map.Title": container.dataset.label },
    });
    this.map.addControl(new library.NavigationControl({ showCompass: false }), "top-right");
    this.map.once("load", () => this.begin());
  }

  take(answer) {
    this.answer = answer;
    this.places = read(answer);
  }

  begin() {
    paint(this.map);
    this.draw();
    this.map.on("moveend", (event) => this.moved(event));
    new MutationObserver(() => paint(this.map)).observe(document.documentElement, {
      attributeFilter: ["data-fr-theme", "data-fr-scheme"],
    });
    this.container.dataset.ready = "true";
  }

  async moved(event) {
    if (this.answer.grid || this.partial) await this.refine();
    this.draw();
    if (event.originalEvent && this.container.dataset.search) this.proposeHere();
  }

  /** Too many places for one answer: ask again for what the map shows. */
  async refine() {
    const query = `cadre=${this.frame()}&zoom=${Math.floor(this.map.getZoom())}`;
    const points = this.container.dataset.points;
    const response = await fetch(points + (points.includes("?") ? "&" : "?") + query);
    if (!response.ok) return;
    this.partial = true;
    this.take(await response.json());
  }

  frame() {
    const bounds = this.map.getBounds();
    const [west, east] = [Math.max(-180, bounds.getWest()), Math.min(180, bounds.getEast())];
    return [west, bounds.getSouth(), east, bounds.getNorth()].map((n) => n.toFixed(3)).join(",");
  }

  draw() {
    const hadFocus = this.container.contains(document.activeElement);
    for (const marker of this.markers) marker.remove();
    this.markers = gather(this.map, this.places).map((group) => this.marker(group));
    if (hadFocus && !this.container.contains(document.activeElement)) {
      this.map.getCanvas().focus({ preventScroll: true });
    }
  }

  marker(group) {
    const number = group.reduce((total, place) => total + place.number, 0);
    const element = button(group, number);
    element.addEventListener("click", (event) => {
      event.stopPropagation();
      this.choose(group, number, element);
    });
    return new this.library.Marker({ element }).setLngLat(middle(group)).addTo(this.map);
  }

  choose(group, number, element) {
    const [southWest, northEast] = box(group);
    const isOnePlace = southWest[0] === northEast[0] && southWest[1] === northEast[1];
    const isClosest = this.map.getZoom() >= CLOSEST;
    if (!this.answer.grid && (number <= LISTED || isOnePlace || isClosest)) {
      this.open(group, element);
    } else if (isOnePlace) {
      this.map.easeTo({ center: southWest, zoom: this.map.getZoom() + 2 });
    } else {
      this.map.fitBounds([southWest, northEast], { padding: 64, maxZoom: CLOSEST });
    }
  }

  open(group, element) {
    const popup = new this.library.Popup({ offset: 14, maxWidth: "18rem" })
      .setLngLat(middle(group))
      .setDOMContent(list(group, this.container.dataset.record))
      .addTo(this.map);
    popup.getElement().addEventListener("keydown", (event) => {
      if (event.key === "Escape") popup.remove();
    });
    popup.on("close", () => element.isConnected && element.focus({ preventScroll: true }));
  }

  proposeHere() {
    let link = this.container.querySelector(".carrefour-here");
    if (!link) {
      link = document.createElement("a");
      link.className = "carrefour-here fr-btn fr-btn--sm fr-btn--secondary";
      link.textContent = "Chercher dans cette zone";
      this.container.append(link);
    }
    const { search } = this.container.dataset;
    link.href = `${search}${search.includes("?") ? "&" : "?"}bbox=${this.frame()}`;
  }
}

function tell(container, answer) {
  const status = document.getElementById("carte-etat");
  if (!status) return;
  const without = Number(container.dataset.total) - answer.innovations;
  const shown = `${plural(answer.total, "lieu", "lieux")} de ${plural(answer.innovations, "fiche", "fiches")} sur la carte.`;
  const rest = without > 0 ? ` ${plural(without, "fiche n’a", "fiches n’ont")} pas de lieu précis : la liste les donne.` : "";
  status.textContent = shown + rest;
}

async function start(container) {
  if (container.dataset.ready) return;
  try {
    const [library, response] = await Promise.all([
      import(absolute(container.dataset.library)),
      fetch(container.dataset.points),
    ]);
    if (!response.ok) throw new Error(String(response.status));
    library.setWorkerUrl(absolute(container.dataset.worker));
    const answer = await response.json();
    tell(container, answer);
    container.placesMap = new PlacesMap(library, container, answer);
  } catch (error) {
    console.warn(error);
    container.hidden = true;
    const status = document.getElementById("carte-etat");
    if (status) status.textContent = "La carte ne peut pas s’afficher ici. Le tableau donne les mêmes fiches.";
  }
}

function startAll() {
  for (const container of document.querySelectorAll("[data-map]")) start(container);
}

document.addEventListener("carrefour:results", startAll);
startAll();
