// The people who are ticked in a table: counts them, ticks a page at once, and says what is chosen.
// <section data-select="entry" data-none data-one data-many data-all ...> stands in the table's form; without a script
// its two radios say the same.
import { say } from "./say.js";

const bar = document.querySelector("[data-select]");

if (bar) {
  const form = bar.closest("form");
  const boxes = [...form.querySelectorAll(`input[name="${bar.dataset.select}"]`)];
  const [ticked, all] = form.elements.scope;
  const count = Object.assign(document.createElement("p"), { className: "count-words" });
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  bar.prepend(count, actions);

  const words = () => {
    if (all.checked) return bar.dataset.all;
    const n = boxes.filter((box) => box.checked).length;
    return n === 0 ? bar.dataset.none : n === 1 ? bar.dataset.one : bar.dataset.many.replace("{n}", n);
  };
  const tell = () => { count.textContent = words(); say(words()); };
  const tick = (checked) => { for (const box of boxes) box.checked = checked; };
  const add = (text, act) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button secondary", textContent: text });
    button.addEventListener("click", () => { act(); tell(); });
    actions.append(button);
  };
  add(bar.dataset.selectPage, () => { tick(true); ticked.checked = true; });
  add(bar.dataset.selectAll, () => { tick(true); all.checked = true; });
  add(bar.dataset.clear, () => { tick(false); ticked.checked = true; });
  form.addEventListener("change", (event) => {
    // Whoever takes one person out of "all" means the others that are ticked.
    if (boxes.includes(event.target)) ticked.checked = true;
    tell();
  });
  count.textContent = words();
}
