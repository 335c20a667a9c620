// Puts a map to move about in where the page has a drawn one. Without this module the drawing and
// the list below it say the same.
//
// Leaflet (the global L) draws; the land and the places are files of this archive. Every mark can
// be reached by Tab and opened by Enter or the space bar; the next Tab leads into what it opened,
// Escape back to it. It leads to its line in the list, and is led to from there.

const CLUSTERED = 200; // marks in view; of more, near ones are drawn as one
const CELL = 64; // pixels; marks in one cell of this size are near
const CLOSEST = 7; // the coastline is too coarse to look at any closer

const element = document.getElementById("map");

async function load(address) {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

function node(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const position = (place) => {
  const [longitude, latitude] = place.geometry.coordinates;
  return L.latLng(latitude, longitude);
};

function described({ properties: place }) {
  const box = node("div", "");
  box.append(
    node("b", place.name),
    node("p", `${place.battles} battle${place.battles === 1 ? "" : "s"}; ${place.in_words}.`),
    node("a", "What is said, and where", { href: place.listed_at }),
  );
  return box;
}

function mark(at, kind, name, size) {
  const icon = L.divIcon({ className: `map-mark map-${kind}`, iconSize: [size, size] });
  const made = L.marker(at, { icon, title: name });
  made.on("add", () => made.getElement().setAttribute("aria-label", name));
  return made;
}

function draw(land, places) {
  const still = { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false };
  const map = L.map(element, {
    ...still,
    crs: L.CRS.EPSG4326,
    minZoom: -1, // at 0 a phone is too narrow for the world
    maxZoom: CLOSEST,
    zoomSnap: 0.25,
    maxBounds: [[-90, -200], [90, 200]],
    worldCopyJump: false,
    attributionControl: false,
    scrollWheelZoom: false, // a page is scrolled past its map
    zoomControl: false,
  });
  L.control.zoom({ position: "bottomright" }).addTo(map); // what opens above a mark is not under it
  L.geoJSON(land, { interactive: false, className: "map-land" }).addTo(map);

  const marks = L.layerGroup().addTo(map);
  const shown = new Map(); // id → mark of its own
  let wanted = null; // the place that was asked for: never one of many in a mark

  function single(place) {
    const { name, precision, radius_km: radius, battles } = place.properties;
    const label = `${name}, ${battles} battle${battles === 1 ? "" : "s"}`;
    if (radius) {
      const circle = { radius: radius * 1000, interactive: false, className: "map-circle" };
      L.circle(position(place), circle).addTo(marks);
    }
    const size = precision === "region" ? 56 : 14;
    const made = mark(position(place), precision, label, size).bindPopup(() => described(place));
    if (place === wanted) made.setZIndexOffset(1000); // over the mark of those around it
    shown.set(place.id, made.addTo(marks));
  }

  function cluster(members) {
    const bounds = L.latLngBounds(members.map(position));
    const made = mark(bounds.getCenter(), "cluster", `${members.length} places: look closer`, 34);
    made.on("add", () => (made.getElement().textContent = members.length));
    const openUp = () => {
      if (map.getZoom() < CLOSEST) {
        map.fitBounds(bounds, { padding: [40, 40], animate: false });
        element.focus({ preventScroll: true }); // this mark is gone; Tab leads to those drawn now
      } else made.unbindPopup().bindPopup(() => several(members)).openPopup();
    };
    made.on("click", openUp);
    // Leaflet answers Enter for popups alone.
    made.on("keypress", ({ originalEvent: { key } }) => key === "Enter" && openUp());
    made.addTo(marks);
  }

  function several(members) {
    const list = node("ul", "");
    for (const { properties: place } of members) {
      const line = node("li", "");
      line.append(node("a", place.name, { href: place.listed_at }));
      list.append(line);
    }
    return list;
  }

  function refresh() {
    const open = [...shown].find(([, one]) => one.isPopupOpen());
    const focused = [...shown].find(([, one]) => one.getElement() === document.activeElement);
    marks.clearLayers();
    shown.clear();
    const around = map.getBounds().pad(0.2);
    const visible = places.filter((place) => around.contains(position(place)));
    const cells = new Map();
    for (const place of visible) {
      const { x, y } = map.project(position(place));
      const alone = visible.length <= CLUSTERED || place === wanted;
      const cell = alone ? place.id : `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), place]);
    }
    for (const members of cells.values()) {
      if (members.length === 1) single(members[0]);
      else cluster(members);
    }
    if (open) shown.get(open[0])?.openPopup();
    if (focused) shown.get(focused[0])?.getElement().focus();
  }

  function lookAt(place) {
    map.closePopup();
    wanted = null;
    map.setView(position(place), Math.max(map.getZoom(), 5), { animate: false });
    if (!shown.has(place.id)) map.setZoom(CLOSEST, { animate: false });
    wanted = place;
    refresh();
    const own = shown.get(place.id);
    element.scrollIntoView({ block: "center" });
    own.openPopup();
    own.getElement().focus({ preventScroll: true });
  }

  for (const line of document.querySelectorAll("[data-place]")) {
    const place = places.find(({ id }) => id === line.dataset.place);
    if (!place) continue;
    const button = node("button", "Show on the map", { type: "button", class: "quiet" });
    button.setAttribute("aria-label", `Show ${place.properties.name} on the map`);
    button.addEventListener("click", () => lookAt(place));
    line.querySelector(".index-fine").append(" ", button);
  }

  element.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches(".map-mark")) {
      event.preventDefault(); // the page stays where it is
      event.target.click();
    }
    const open = marks.getLayers().find((one) => one.isPopupOpen());
    if (!open) return;
    const mark = open.getElement();
    const stops = [...open.getPopup().getElement().querySelectorAll("a")];
    if (event.key === "Escape") {
      open.closePopup();
      mark.focus();
    } else if (event.key === "Tab") {
      const at = [mark, ...stops].indexOf(document.activeElement);
      if (event.shiftKey ? at === 1 : at === 0) {
        event.preventDefault();
        (event.shiftKey ? mark : stops[0]).focus();
      } else if (!event.shiftKey && at === stops.length) mark.focus(); // and on to the next mark
    }
  });

  const bounds = L.latLngBounds(places.map(position));
  const whole = { padding: [40, 40], maxZoom: 4, animate: false };
  if (bounds.isValid()) map.fitBounds(bounds, whole);
  else map.fitWorld({ animate: false });
  refresh();
  // A popup that opens may move the map a little: only then is there nothing to draw anew.
  map.on("zoomend", refresh);
  map.on("moveend", () => document.querySelector(".leaflet-popup") || refresh());
}

const [land, places] = await Promise.all([load(element.dataset.land), load(element.dataset.places)]);
if (places.features.length) {
  element.replaceChildren();
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Map of the places");
  draw(land, places.features);
}
