// Names what Django's admin leaves without a name for those who do not see the page: searches for a
// row, which are named by their value and that is empty at first; the fields of tables, named by
// their column alone; the search box, named by a picture.
(() => {
  "use strict";
  function call(field, name) {
    field.removeAttribute("aria-labelledby");
    field.setAttribute("aria-label", name.replace(/:\s*$/, "").trim());
  }

  function columnOf(field) {
    const cell = field.closest(".tabular td");
    if (!cell) return "";
    const heading = cell.closest("table").querySelectorAll("thead th")[cell.cellIndex];
    // The help of a column is a picture beside its name.
    return heading?.textContent ?? "";
  }

  function name(inside) {
    for (const field of inside.querySelectorAll(".tabular td :is(input:not([type=hidden]), select, textarea)")) {
      if (!field.labels?.length && columnOf(field)) call(field, columnOf(field));
    }
    for (const choice of inside.querySelectorAll("select.admin-autocomplete")) {
      const box = choice.parentElement.querySelector(".select2-selection");
      const named = document.querySelector(`label[for="${choice.id}"]`)?.textContent ?? columnOf(choice);
      if (!box || !named) continue;
      for (const part of [box, box.querySelector(".select2-selection__rendered")]) {
        if (part) call(part, named);
      }
    }
  }

  function nameAll() {
    for (const heading of document.querySelectorAll(".tabular th.original:empty")) {
      const words = document.createElement("span");
      words.className = "visually-hidden";
      words.textContent = "Row";
      heading.append(words);
    }
    const search = document.getElementById("searchbar");
    if (search) call(search, "Search");
    name(document);
  }

  // After the script of the admin that makes the boxes, which asks jQuery, too.
  if (window.django?.jQuery) django.jQuery(nameAll);
  else nameAll();
  document.addEventListener("formset:added", (event) => name(event.target));
})();
