// The desk. Without this script the panel's buttons ask the server for the same things.
(() => {
  "use strict";
  const text = document.getElementById("desk-text");
  let panel = document.getElementById("panel");
  if (!panel) return;
  document.documentElement.classList.add("scripted");
  const said = document.getElementById("desk-said");
  const say = (words) => { if (said) said.textContent = words; };

  // Places. The server counts code points; the page counts UTF-16 units.
  const points = (string) => { let count = 0; for (const _ of string) count += 1; return count; };
  const stretches = text ? [...text.querySelectorAll(".words")] : [];

  function selected() {
    const selection = getSelection();
    if (!text || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    let start = null;
    let quote = "";
    for (const words of stretches) {
      if (!range.intersectsNode(words)) continue;
      const inside = document.createRange();
      inside.selectNodeContents(words);
      const before = inside.cloneRange();
      if (inside.compareBoundaryPoints(Range.START_TO_START, range) < 0) inside.setStart(range.startContainer, range.startOffset);
      if (inside.compareBoundaryPoints(Range.END_TO_END, range) > 0) inside.setEnd(range.endContainer, range.endOffset);
      const part = inside.toString();
      if (start === null && part) {
        before.setEnd(inside.startContainer, inside.startOffset);
        start = Number(words.dataset.start) + points(before.toString());
      }
      quote += part;
    }
    const bare = quote.trim();
    if (!bare) return null;
    start += points(quote.slice(0, quote.indexOf(bare)));
    return JSON.stringify([start, start + points(bare), bare]);
  }

  function position(words, units) {
    const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    let left = units;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (left <= node.length) return [node, left];
      left -= node.length;
    }
    return [words, words.childNodes.length];
  }

  function select(words, from, to) {
    const range = document.createRange();
    range.setStart(...position(words, from));
    range.setEnd(...position(words, to));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
    const seen = range.getBoundingClientRect();
    if (seen.top < 0 || seen.bottom > innerHeight) scrollBy({ top: seen.top - innerHeight / 3 });
  }

  // Sentences that no mark touches, worked out for one stretch at a time.
  const segmenter = new Intl.Segmenter(text?.lang || "en", { granularity: "sentence" });
  const unfinished = /(?:^|[\s("“])(?:\p{Lu}|Gen|Col|Lt|Maj|Capt|Sgt|Adm|Dr|Mr|Mrs|St|No|vol|ed|pp?)\.\s*$/u;

  function uncited(words) {
    const marks = [...words.querySelectorAll("mark")].map((mark) => {
      const before = document.createRange();
      before.selectNodeContents(words);
      before.setEnd(mark, 0);
      const from = before.toString().length;
      return [from, from + mark.textContent.length];
    });
    const found = [];
    let open = null;
    for (const { segment, index } of segmenter.segment(words.textContent)) {
      const from = open ?? index;
      const to = index + segment.length;
      if (unfinished.test(segment)) { open = from; continue; }
      open = null;
      const whole = words.textContent.slice(from, to);
      const bare = whole.trim();
      if (!bare) continue;
      const start = from + whole.indexOf(bare);
      if (!marks.some(([a, b]) => a < start + bare.length && b > start)) found.push([start, start + bare.length]);
    }
    return found;
  }

  let at = { index: 0, unit: -1 };

  function step(forward) {
    for (let index = at.index; stretches[index]; index += forward ? 1 : -1) {
      const here = index === at.index;
      const found = uncited(stretches[index]).filter(([from]) => !here || (forward ? from > at.unit : from < at.unit));
      const next = forward ? found[0] : found.at(-1);
      if (next) {
        at = { index, unit: next[0] };
        select(stretches[index], ...next);
        return say("");
      }
    }
    return say(forward ? "No sentence after this is uncited." : "No sentence before this is uncited.");
  }

  // The panel: sent as it stands, and drawn anew from the answer.
  let typed = false;
  let asked = 0;

  async function send(fields) {
    const turn = (asked += 1);
    const data = new FormData(panel);
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    let answer;
    try {
      answer = await fetch(panel.action, { method: "POST", body: data, headers: { "X-Desk": "1" } });
    } catch {
      say("The archive cannot be reached. Nothing was saved, and what you typed is still here: try again.");
      return null;
    }
    if (turn !== asked) return null;
    if (answer.status === 201) {
      typed = false;
      const { next } = await answer.json();
      history.replaceState(null, "", next);
      location.reload();
      return null;
    }
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("panel");
    if (!drawn) {
      say("The archive did not take this: perhaps you are no longer logged in. What you typed is still here; log in in another tab and save again.");
      return null;
    }
    // Parsed without scripts, their stand-ins would be fields like any other.
    for (const instead of drawn.querySelectorAll("noscript")) instead.remove();
    say("");
    return drawn;
  }

  function draw(drawn, focus) {
    panel.replaceWith(drawn);
    panel = drawn;
    panel.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: "panel" } }));
    name();
    listen();
    const wanted = focus && panel.querySelector(focus);
    if (wanted) wanted.focus();
  }

  // The admin's search for a row is named by its value, which is empty at first.
  function name() {
    for (const choice of panel.querySelectorAll("select.admin-autocomplete")) {
      const box = choice.parentElement.querySelector(".select2-selection");
      const label = panel.querySelector(`label[for="${choice.id}"]`);
      if (!box || !label) continue;
      for (const part of [box, box.querySelector(".select2-selection__rendered")]) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", label.textContent.replace(/:\s*$/, ""));
      }
    }
  }

  async function cite(focus) {
    const selection = selected();
    if (!selection) return say("Select words of the text first.");
    const drawn = await send({ at: selection, words: "", _open: "1" });
    if (drawn) draw(drawn, focus);
    return undefined;
  }

  async function save() {
    const drawn = await send({ _save: "1" });
    if (drawn) {
      draw(drawn, ".errorlist");
      (panel.querySelector(".errorlist") ?? panel).scrollIntoView({ block: "nearest" });
    }
  }

  let waiting;

  function listen() {
    panel.addEventListener("input", () => { typed = true; });
    panel.addEventListener("submit", (event) => {
      if (event.submitter?.name !== "_save") return;
      event.preventDefault();
      save();
    });
    panel.querySelector("[name=wanted]")?.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        const drawn = await send({ _show: "1" });
        const list = drawn?.querySelector("#panel-statements");
        if (list) panel.querySelector("#panel-statements").replaceWith(list);
      }, 200);
    });
    panel.querySelector("[name=kind]")?.addEventListener("change", async () => {
      const drawn = await send({ _show: "1" });
      if (drawn) draw(drawn, "[name=kind]");
    });
    const battle = panel.querySelector("[name=battle]");
    // The admin's search for a row tells jQuery alone that another was chosen.
    if (battle && window.django?.jQuery) {
      django.jQuery(battle).on("change", async () => {
        const drawn = await send({ _show: "1" });
        if (drawn) draw(drawn, "[name=wanted]");
      });
    }
  }
  listen();

  text?.addEventListener("pointerup", () => setTimeout(() => {
    if (!selected()) return;
    if (typed) say("Press c to cite this instead; what you typed stays.");
    else cite();
  }));

  const keys = document.getElementById("single-keys");
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, .select2-container");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest?.("#panel")) {
      event.preventDefault();
      save();
      return;
    }
    if (event.key === "Escape") {
      document.activeElement.blur();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey || (keys && !keys.checked)) return;
    switch (event.key) {
      case "n": step(true); break;
      case "p": step(false); break;
      case "c": cite("[name=wanted]"); break;
      case "u": document.getElementById("undo")?.requestSubmit(); break;
      default: return;
    }
    event.preventDefault();
  });

  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
