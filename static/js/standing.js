// Keeps a place up to date: asks for the page again each minute (or every data-every seconds) while it is looked at,
// and says once what moved.
//
// <section id="standing" data-refresh data-place="42" data-up="You moved up to place 42"
//          data-down="You are now at place 42" data-failed="Could not refresh. Last updated 14:03."> ... </section>
// The part is replaced as a whole; <details> keep being open and the focus stays, by id.
import { say } from "./say.js";

const part = document.querySelector("[data-refresh][id]");
const EVERY = 1000 * Number(part?.dataset.every ?? 60);

if (part) {
  let asked = Date.now();
  const due = () => {
    if (document.hidden || Date.now() - asked < EVERY) return;
    asked = Date.now();
    refresh();
  };
  setInterval(due, 5000);
  document.addEventListener("visibilitychange", due);
}

async function refresh() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) return location.reload();  // the state changed, and with it the whole page
    show(fresh);
  } catch {
    const note = part.querySelector("[data-refresh-note]");
    if (note) note.textContent = part.dataset.failed;
  }
}

function show(fresh) {
  const before = Number(part.dataset.place);
  const after = Number(fresh.dataset.place);
  const open = [...part.querySelectorAll("details[open][id]")].map((folded) => folded.id);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceChildren(...fresh.childNodes);
  Object.assign(part.dataset, fresh.dataset);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  if (after && after !== before) say(after < before ? fresh.dataset.up : fresh.dataset.down);
}
