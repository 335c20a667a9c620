// Sends the files of an upload one after the other and tells of each as it comes. Without this
// script the form sends them all at once, and one report follows.
(() => {
  "use strict";
  const form = document.getElementById("upload");
  const report = document.getElementById("upload-report");
  const rows = report.querySelector("tbody");
  const said = document.getElementById("upload-said");
  const button = form.querySelector("[type=submit]");
  const SIGNED_OUT = "You are no longer signed in. Sign in, then open this page again.";

  function chosen() {
    const found = [...form.elements.file.files].map((file) => [file.name, file]);
    for (const file of form.elements.folder.files) {
      const path = file.webkitRelativePath || file.name;
      if (!path.split("/").some((part) => part.startsWith("."))) found.push([path, file]);
    }
    return found;
  }

  function waitingRow(name) {
    const row = rows.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    row.append(head);
    row.insertCell().textContent = "Waiting";
    row.insertCell();
    return row;
  }

  // One file alone, its progress shown in the row. Answers when the server has, or is lost.
  function sent(name, file, row) {
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", `Sending ${name}`);
    bar.value = 0;
    row.cells[1].replaceChildren(bar);
    const data = new FormData(form);
    data.delete("folder");
    data.set("file", file, file.name);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      if (loaded < total) bar.value = loaded / total;
      else row.cells[1].textContent = "Sent. It is being read.";
    });
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => resolve(request));
      request.open("POST", location.pathname);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.send(data);
    });
  }

  // Shows in the row what became of a file; returns what keeps all others back, if anything does.
  function tell(name, row, { status, responseURL, responseText }) {
    if (status === 200 && new URL(responseURL).pathname === location.pathname) {
      const place = row.sectionRowIndex;
      row.outerHTML = responseText;
      rows.rows[place].cells[0].textContent = name;
      return "";
    }
    row.dataset.outcome = "refused";
    row.cells[1].textContent = "It did not arrive.";
    if (!status) return "The connection was lost.";
    if (status === 200 || status === 403) return SIGNED_OUT;
    if (status === 413) row.cells[1].textContent = "It is larger than the server lets through.";
    else row.cells[1].textContent = `The server failed at it (${status}).`;
    return "";
  }

  function counted(outcome) {
    return rows.querySelectorAll(`[data-outcome=${outcome}]`).length;
  }

  const keepPage = (event) => event.preventDefault();

  form.addEventListener("submit", async (event) => {
    const files = chosen();
    const transcribes = form.elements.transcribes?.value;
    if (!files.length || (transcribes && files.length > 1)) return; // the server says what is amiss
    event.preventDefault();
    report.querySelector("h2")?.remove();
    rows.replaceChildren();
    report.hidden = false;
    button.disabled = true;
    addEventListener("beforeunload", keepPage);
    const waiting = files.map(([name, file]) => [name, file, waitingRow(name)]);
    let stopped = "";
    for (const [place, [name, file, row]] of waiting.entries()) {
      if (stopped) {
        row.cells[1].textContent = "Not sent.";
        continue;
      }
      said.textContent = `Sending ${place + 1} of ${files.length}.`;
      stopped = tell(name, row, await sent(name, file, row));
    }
    removeEventListener("beforeunload", keepPage);
    button.disabled = false;
    said.textContent = `${stopped} ${counted("held")} of ${files.length} files are held here now; not taken in: ${counted("refused")}.`.trim();
    if (stopped) said.textContent += " What is held is not taken in twice: send them all again.";
  });
})();
