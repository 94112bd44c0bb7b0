// A wave or an import on its way: every ten seconds (or `data-every`) its numbers are read again, and a change of its
// sentence is said aloud. Without it the page is loaded anew every fifteen seconds; both end with "Do not refresh by itself".
import { say } from "./say.js";

const live = document.querySelector("[data-live]");
const EVERY = 1_000 * (live?.dataset.every ?? 10);
let said = sentence(live);

if (live) setInterval(refresh, EVERY);

async function refresh() {
  if (document.hidden) return;
  let page;
  try {
    const answer = await fetch(live.dataset.href);
    if (!answer.ok) throw new Error(answer.status);
    // It went on to the next step: the page of that step has other buttons.
    if (new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
    page = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return say(live.dataset.failed);
  }
  const fresh = page.querySelector("[data-live]");
  if (!fresh) return location.reload();  // it came to its end: the page has other buttons now
  if (live.contains(document.activeElement)) return;
  live.replaceChildren(...fresh.childNodes);
  const now = sentence(live);
  if (now !== said) say(now);
  said = now;
}

function sentence(part) {
  return part?.querySelector("[data-say]")?.textContent.trim().replace(/\s+/g, " ") ?? "";
}
