/* Keeps what is typed into a form of the admin until it is saved, in this tab and for this person
   alone, and offers it back when the page is opened again: after a lost connection, a reload, an
   ended sign-in. What is sent carries the version the form was loaded with, as it would have. */

const curator = document.querySelector("meta[name=curator]").content;
const form = document.querySelector("#content-main form[method=post]:has(.submit-row)");
const prefix = "typed:";
const key = `${prefix}${curator}:${location.pathname}${location.search}`;

function all() {
  return Object.keys(sessionStorage).filter((name) => name.startsWith(prefix));
}

/* Passwords, files and the form's token are never kept. */
function fields() {
  return Array.from(form.elements).filter(
    (field) =>
      field.name &&
      field.name !== "csrfmiddlewaretoken" &&
      !["file", "password", "submit", "button", "reset"].includes(field.type) &&
      !field.name.includes("__prefix__"),
  );
}

function read() {
  return fields().map((field) => {
    if (field.type === "checkbox" || field.type === "radio") {
      return [field.name, field.value, field.checked];
    }
    if (field.tagName === "SELECT") {
      return [field.name, Array.from(field.selectedOptions, (one) => [one.value, one.text])];
    }
    return [field.name, field.value];
  });
}

function store(isSent) {
  const kept = { values: read(), sent: isSent, at: new Date().toLocaleString(document.documentElement.lang) };
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    /* The browser keeps no more: what is typed is still in the form. */
  }
}

/* Adds the empty rows that were added when it was typed. */
function addRows(values) {
  for (const [name, value] of values) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    const group = document.getElementById(`${name.replace("-TOTAL_FORMS", "")}-group`);
    const total = form.elements[name];
    for (let tries = 0; tries < 200 && total && Number(total.value) < Number(value); tries += 1) {
      group?.querySelector(".add-row a")?.click();
    }
  }
}

function choose(select, chosen) {
  for (const [value, text] of chosen) {
    if (!Array.from(select.options).some((one) => one.value === value)) {
      select.add(new Option(text, value));
    }
  }
  const values = chosen.map(([value]) => value);
  for (const option of select.options) option.selected = values.includes(option.value);
}

function putBack(values) {
  addRows(values);
  const left = fields();
  for (const [name, value, isChecked] of values) {
    const isBox = isChecked !== undefined;
    const place = left.findIndex(
      (field) => field.name === name && (!isBox || field.value === value),
    );
    if (place < 0) continue;
    const [field] = left.splice(place, 1);
    if (isBox) field.checked = isChecked;
    else if (Array.isArray(value)) choose(field, value);
    else field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function offer(kept) {
  const box = document.createElement("div");
  box.className = "standing kept";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = `What you typed here (${kept.at}) was not saved.`;
  const done = () => {
    box.remove();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  };
  box.append(
    words,
    button("Put it back", () => {
      putBack(kept.values);
      store(false);
      done();
    }),
    " ",
    button("Throw it away", () => {
      sessionStorage.removeItem(key);
      done();
    }),
  );
  form.before(box);
}

function forgetWhatWasSaved() {
  if (!document.querySelector(".messagelist .success")) return;
  for (const name of all()) {
    if (JSON.parse(sessionStorage.getItem(name)).sent) sessionStorage.removeItem(name);
  }
}

function begin() {
  forgetWhatWasSaved();
  document.getElementById("logout-form")?.addEventListener("submit", () => {
    for (const name of all()) sessionStorage.removeItem(name);
  });
  if (!form) return;
  const found = sessionStorage.getItem(key);
  if (found) {
    const kept = JSON.parse(found);
    if (JSON.stringify(kept.values) !== JSON.stringify(read())) offer(kept);
  }
  const remember = (event) => {
    if (event.isTrusted) store(false);
  };
  form.addEventListener("input", remember);
  form.addEventListener("change", remember);
  form.addEventListener("submit", () => store(true));
}

/* After the admin's own scripts have made their rows and boxes. */
window.addEventListener("load", begin);
