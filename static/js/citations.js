// Shows, beside a marker, the words a statement rests on. Without this module every marker is a
// plain link to the passage.
//
// A marker's note stands right after it in the page, as a popover: so the next Tab leads from the
// marker into its note.

const OPENING = 150; // ms of hovering before a note opens
const CLOSING = 250; // ms of leaving before it closes

let shown = null; // the marker whose note is open
let timer = 0;
let touched = false; // whether the last pointer was a finger or a pen
let dismissing = false; // whether that finger is to close what is open, and do nothing else

const noteOf = (marker) => marker.nextElementSibling;
const markerAt = (target) => target.closest?.(".marker") ?? null;

function place(marker, note) {
  note.style.left = note.style.top = note.style.maxHeight = "";
  if (getComputedStyle(note).position === "fixed") return; // the style sheet puts it at the foot
  const at = marker.getBoundingClientRect();
  const { width, height } = note.getBoundingClientRect();
  const page = document.documentElement;
  const left = Math.max(16, Math.min(at.left - 24, page.clientWidth - width - 16));
  const above = at.top - 14;
  const below = page.clientHeight - at.bottom - 14;
  const isBelow = height <= below || above <= below;
  const room = isBelow ? below : above;
  if (height > room) note.style.maxHeight = `${room}px`; // and it scrolls in itself
  const top = isBelow ? at.bottom + 6 : at.top - Math.min(height, room) - 6;
  note.style.left = `${left + scrollX}px`;
  note.style.top = `${top + scrollY}px`;
}

function open(marker) {
  clearTimeout(timer);
  if (shown === marker) return;
  close();
  const note = noteOf(marker);
  note.showPopover();
  place(marker, note);
  marker.setAttribute("aria-expanded", "true");
  shown = marker;
}

function close() {
  clearTimeout(timer);
  if (!shown) return;
  noteOf(shown).hidePopover();
  shown.setAttribute("aria-expanded", "false");
  shown = null;
}

function isInside(target) {
  return shown && target instanceof Node && (shown.contains(target) || noteOf(shown).contains(target));
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const marker = markerAt(event.target);
  clearTimeout(timer);
  if (marker) timer = setTimeout(open, OPENING, marker);
  else if (shown && !isInside(event.target) && !isInside(document.activeElement)) {
    timer = setTimeout(close, CLOSING);
  }
});

// A note, or a sheet of the reader, covers most of a small screen: a finger beside it is to put it
// away, not to follow what lies there by chance. What opens another one may do so at once.
function isBeside(target) {
  if (target.closest(".marker, [popovertarget]")) return false;
  if (shown) return !isInside(target);
  return Boolean(document.querySelector(".notes:popover-open")) && !target.closest(".notes");
}

document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType !== "mouse";
  dismissing = touched && isBeside(event.target);
  if (shown && !isInside(event.target)) close();
});

document.addEventListener("click", (event) => {
  if (!dismissing) return;
  dismissing = false;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

// The first tap opens the note; the second, like a click or Enter, follows the link.
document.addEventListener("click", (event) => {
  const marker = markerAt(event.target);
  if (marker && touched && shown !== marker) {
    event.preventDefault();
    open(marker);
  }
});

document.addEventListener("focusin", (event) => {
  const marker = markerAt(event.target);
  if (marker?.matches(":focus-visible")) open(marker);
  else if (!isInside(event.target)) close();
});

document.addEventListener("keydown", (event) => {
  touched = dismissing = false;
  if (event.key !== "Escape" || !shown) return;
  const marker = shown;
  const wasInside = noteOf(marker).contains(document.activeElement);
  close();
  if (wasInside) {
    marker.focus();
    close(); // the focus came back by itself; the reader wanted the note away
  }
});

// The ways on from a passage lead out of its sheet: that of the next one opens in its place.
addEventListener("hashchange", () => {
  const sheet = document.querySelector(".notes:popover-open");
  const next = document.querySelector(":target")?.closest(".block")?.querySelector(".notes");
  if (sheet && next && next !== sheet) next.showPopover();
});

addEventListener("resize", () => shown && place(shown, noteOf(shown)));
