// The admin's search for a row is named by its value, which is empty at first: name it by its label.
(() => {
  "use strict";
  function name(inside) {
    for (const choice of inside.querySelectorAll("select.admin-autocomplete")) {
      const box = choice.parentElement.querySelector(".select2-selection");
      const label = document.querySelector(`label[for="${choice.id}"]`);
      if (!box || !label) continue;
      for (const part of [box, box.querySelector(".select2-selection__rendered")]) {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", label.textContent.replace(/:\s*$/, ""));
      }
    }
  }
  // After the script of the admin that makes the boxes, which asks jQuery, too.
  django.jQuery(() => name(document));
  document.addEventListener("formset:added", (event) => name(event.target));
})();
