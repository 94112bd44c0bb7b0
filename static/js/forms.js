// Forms: the focus goes to what went wrong, and a second press within a second is not sent.
// Everything here also works without it: the summary is the first link of the page, and the server knows a form by its id.
import { say } from "./say.js";

const SECOND = 1000;

document.querySelector("[data-focus]")?.focus();

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  (field.labels?.[0] ?? field).scrollIntoView({ block: "start" });
  field.focus({ preventScroll: true });
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) return;
  const now = Date.now();
  if (now - Number(form.dataset.sent ?? 0) < SECOND) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = now;
  const button = event.submitter ?? form.querySelector("button");
  // aria-disabled and not disabled: a disabled button loses the focus, and its name and value are not sent.
  if (button?.dataset.busy) busy(button);
});

// A password can be looked at while it is typed; the button is only there where a script can make it work.
for (const input of document.querySelectorAll("input[data-reveal]")) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button secondary" });
  const box = Object.assign(document.createElement("div"), { className: "reveal" });
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? input.dataset.hide : input.dataset.reveal;
    button.setAttribute("aria-controls", input.id);
  };
  input.replaceWith(box);
  box.append(input, button);
  button.addEventListener("click", () => show(input.type === "password"));
  show(false);
}

// The browser knows the time zone; it is only a first guess.
const zone = document.querySelector("select[data-timezone]");
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !zone.value && [...zone.options].some((option) => option.value === here)) zone.value = here;

function busy(button) {
  button.dataset.words = button.textContent;
  button.setAttribute("aria-disabled", "true");
  const show = (text) => { button.textContent = text; say(text); };
  show(button.dataset.busy);
  const later = setTimeout(() => show(button.dataset.still), 8 * SECOND);
  // Coming back with the Back button shows the page as it was left; make it fresh.
  addEventListener("pageshow", () => {
    clearTimeout(later);
    button.textContent = button.dataset.words;
    button.removeAttribute("aria-disabled");
  }, { once: true });
}
