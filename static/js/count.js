// "Count" by itself: while the form of an audience changes, the number of people beside the button follows.
// Without it the button sends the form, and the page comes back with the same number.
import { say } from "./say.js";

const form = document.querySelector("form[data-count]");
const count = document.getElementById("count");
const WAIT = 400;
const WORDS_AFTER = 300;
let timer, asked;

form?.addEventListener("input", (event) => {
  if (event.target.name === "name") return;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT);
});

async function ask() {
  asked?.abort();
  const mine = asked = new AbortController();
  const busy = setTimeout(() => { count.textContent = count.dataset.busy; }, WORDS_AFTER);
  const body = new FormData(form);
  body.set("count", "yes");
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: mine.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = answer.ok ? page.getElementById("count")?.textContent.trim() ?? "" : "";
    if (asked !== mine) return;
    count.textContent = found;
    say(found);
  } catch {
    if (asked === mine) count.textContent = "";
  } finally {
    clearTimeout(busy);
  }
}
