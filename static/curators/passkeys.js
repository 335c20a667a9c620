/* Says in the page that a passkey was not used, and why; it would be told to the console alone. */

const REASONS = {
  NotAllowedError: "It was cancelled, took too long, or is not kept on this device.",
  SecurityError: "Passkeys belong to an address with a name: open this page by its name, not by a number.",
  InvalidStateError: "This device has one for this account already.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  let told = document.getElementById("passkey-told");
  if (!told) {
    told = document.createElement("p");
    told.id = "passkey-told";
    told.className = "errornote";
    told.setAttribute("role", "alert");
    document.querySelector("#content h1").after(told);
  }
  told.textContent = `The passkey was not used. ${REASONS[exception.name] ?? exception.message}`;
});
