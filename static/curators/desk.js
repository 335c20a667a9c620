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
  const stretchesOf = () => (text ? [...text.querySelectorAll(".words")] : []);
  let stretches = stretchesOf();

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

  // Where a code point of the document is in the page: the node, and the units before it.
  function place(point, isEnd) {
    const words = stretches.findLast((one) => (isEnd ? Number(one.dataset.start) < point : Number(one.dataset.start) <= point));
    const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    let left = point - Number(words.dataset.start);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      let units = 0;
      while (left && units < node.length) {
        units += node.data.codePointAt(units) > 0xffff ? 2 : 1;
        left -= 1;
      }
      if (!left && (isEnd || units < node.length)) return [node, units];
    }
    return [words, words.childNodes.length];
  }

  function select(start, end) {
    const range = document.createRange();
    range.setStart(...place(start, false));
    range.setEnd(...place(end, true));
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
    const seen = range.getBoundingClientRect();
    if (seen.top < 0 || seen.bottom > innerHeight) scrollBy({ top: seen.top - innerHeight / 3 });
  }

  // Sentences that no mark touches, each as the gap before it and its length.
  function uncited() {
    const steps = text.dataset.uncited.split(" ").map(Number);
    const found = [];
    let at = 0;
    for (let index = 0; index + 1 < steps.length; index += 2) {
      const start = at + steps[index];
      at = start + steps[index + 1];
      found.push([start, at]);
    }
    return found;
  }

  let at = -1; // the code point from which the next sentence is looked for

  function step(forward) {
    const found = uncited();
    const next = forward ? found.find(([start]) => start > at) : found.findLast(([start]) => start < at);
    if (!next) return say(forward ? "No sentence after this is uncited." : "No sentence before this is uncited.");
    at = next[0];
    select(...next);
    return say("");
  }

  // The panel: sent as it stands, and drawn anew from the answer.
  let typed = false;
  let asked = 0;

  // Signing in again gives the browser another token than the page was made with.
  const renewed = (token) => decodeURIComponent(document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? token);

  addEventListener("submit", ({ target }) => {
    const token = target.querySelector("[name=csrfmiddlewaretoken]");
    if (token) token.value = renewed(token.value);
  });

  function sayToSignInAgain(where) {
    const link = document.createElement("a");
    Object.assign(link, { href: where, target: "_blank", rel: "noopener", textContent: "sign in again in a new tab" });
    said?.replaceChildren("You are no longer signed in. Nothing was saved, and what you typed is still here: ", link, ", then save again.");
  }

  async function send(fields) {
    const turn = (asked += 1);
    const data = new FormData(panel);
    data.set("csrfmiddlewaretoken", renewed(data.get("csrfmiddlewaretoken")));
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
      await refresh(next);
      return null;
    }
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("panel");
    if (!drawn) {
      if (answer.redirected) sayToSignInAgain(answer.url);
      else say(`The archive did not take this (${answer.status}). Nothing was saved. What you typed is still here: try again.`);
      return null;
    }
    // Parsed without scripts, their stand-ins would be fields like any other.
    for (const instead of drawn.querySelectorAll("noscript")) instead.remove();
    say("");
    return drawn;
  }

  // After a save: the stretches that changed, the panel and what was said, without loading the page.
  async function refresh(next) {
    if (!text) {
      location.assign(next);
      return;
    }
    let page;
    try {
      const answer = await fetch(location.pathname);
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      page = null;
    }
    const fresh = page?.getElementById("desk-text");
    const drawn = page?.getElementById("panel");
    if (!fresh || !drawn) {
      history.replaceState(null, "", next);
      location.reload();
      return;
    }
    const [old, now] = [[...text.children], [...fresh.children]];
    const same = (one, other) => one && other && one.outerHTML === other.outerHTML;
    let first = 0;
    while (same(old[first], now[first])) first += 1;
    let alike = 0;
    while (alike < Math.min(old.length, now.length) - first && same(old.at(-1 - alike), now.at(-1 - alike))) alike += 1;
    const before = old.at(old.length - alike) ?? null;
    for (const gone of old.slice(first, old.length - alike)) gone.remove();
    for (const come of now.slice(first, now.length - alike)) text.insertBefore(come, before);
    text.dataset.uncited = fresh.dataset.uncited;
    stretches = stretchesOf();
    document.getElementById("undo")?.remove();
    const undo = page.getElementById("undo");
    if (undo) said.before(undo);
    for (const instead of drawn.querySelectorAll("noscript")) instead.remove();
    draw(drawn);
    document.querySelector(".messagelist")?.remove();
    getSelection().removeAllRanges();
    last = null;
    location.replace(next); // only its fragment is another
    say([...page.querySelectorAll(".messagelist li")].map((one) => one.textContent.trim()).join(" "));
  }

  function draw(drawn, focus) {
    panel.replaceWith(drawn);
    panel = drawn;
    panel.dispatchEvent(new CustomEvent("formset:added", { bubbles: true, detail: { formsetName: "panel" } }));
    listen();
    const wanted = focus && panel.querySelector(focus);
    if (wanted) wanted.focus();
  }

  // A tap on a button may end the selection that it is about.
  let last = null;
  let selecting;
  document.addEventListener("selectionchange", () => {
    clearTimeout(selecting);
    selecting = setTimeout(() => { last = selected() ?? last; }, 100);
  });

  async function cite(focus, selection = selected()) {
    if (!selection) return say("Select words of the text first.");
    [at] = JSON.parse(selection);
    const drawn = await send({ at: selection, words: "", _open: "1" });
    if (drawn) draw(drawn, focus);
    return undefined;
  }

  function markAsRead() {
    const selection = selected();
    const link = document.getElementById("mark-read");
    if (!selection || !link) return say("Select what you read, from its first words to its last.");
    const [start, end] = JSON.parse(selection);
    location.assign(`${link.href}?start=${start}&end=${end}`);
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

  document.getElementById("cite-selected")?.addEventListener("click", () => cite("[name=wanted]", selected() ?? last));

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
      case "m": markAsRead(); break;
      case "u": document.getElementById("undo")?.requestSubmit(); break;
      default: return;
    }
    event.preventDefault();
  });

  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
