// Keyboard shortcuts of the admin area: / goes to the search, g and then o, p, w or r to a page, ? lists them.
// Loaded only for those who did not turn them off; never while somebody types.
const WAIT = 1500;
const template = document.getElementById("shortcuts");
let after_g = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || types(event.target)) return;
  const act = Date.now() - after_g < WAIT ? page(event.key) : shortcut(event.key);
  after_g = event.key === "g" ? Date.now() : 0;
  if (!act) return;
  event.preventDefault();
  act();
});

function shortcut(key) {
  const search = document.querySelector("[data-search]");
  if (key === "/" && search) return () => { unfold(search); search.focus(); search.select(); };
  if (key === "?") return list;
}

function page(key) {
  const link = /^[a-z]$/.test(key) && document.querySelector(`a[data-key="${key}"]`);
  return link && (() => { location.href = link.href; });
}

function list() {
  const dialog = template.content.cloneNode(true).querySelector("dialog");
  for (const row of dialog.querySelectorAll("[data-needs]")) if (!document.querySelector(row.dataset.needs)) row.remove();
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function unfold(field) {
  const folded = field.closest("details");
  if (folded) folded.open = true;
}

function types(target) {
  return target.isContentEditable || document.querySelector("dialog[open]") || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
