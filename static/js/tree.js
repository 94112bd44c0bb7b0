// Nested lists become a tree for the keyboard: arrows, Home, End, letters. "Show more" brings the people it leads to in.
const root = document.querySelector("[data-tree]");

const items = () => [...root.querySelectorAll('[role="treeitem"]')].filter((item) => !item.closest("ul[hidden]"));
const branch = (item) => item.querySelector(":scope > ul");
const words = (item) => item.querySelector(":scope > .twig").textContent.trim().toLowerCase();

function prepare(list, role) {
  list.setAttribute("role", role);
  for (const item of list.children) {
    item.setAttribute("role", "treeitem");
    item.tabIndex = -1;
    for (const link of item.querySelectorAll(":scope > .twig a")) link.tabIndex = -1;
    const below = branch(item);
    if (below) {
      item.setAttribute("aria-expanded", String(!below.hidden));
      prepare(below, "group");
    }
  }
}

function open(item, wanted) {
  const below = branch(item);
  if (!below) return;
  below.hidden = !wanted;
  item.setAttribute("aria-expanded", String(wanted));
}

function go(item) {
  if (!item) return;
  for (const other of root.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
  item.tabIndex = 0;
  item.focus();
}

// The page that the link leads to shows the same person with more people: take those.
async function more(link) {
  const item = link.closest('[role="treeitem"]');
  const owner = item.parentElement.closest('[role="treeitem"]');
  const answer = await fetch(link.href);
  if (!answer.ok) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector(`[data-tree] > [data-id="${owner.dataset.id}"] > ul`);
  if (!found) return location.assign(link.href);
  const list = branch(owner);
  const known = new Set([...list.children].map((child) => child.dataset.id));
  item.remove();
  const fresh = [...found.children].filter((child) => !child.dataset.id || !known.has(child.dataset.id));
  list.append(...fresh);
  prepare(list, "group");
  go(fresh[0] ?? owner);
}

const keys = {
  ArrowDown: (item, all) => go(all[all.indexOf(item) + 1]),
  ArrowUp: (item, all) => go(all[all.indexOf(item) - 1]),
  Home: (_item, all) => go(all[0]),
  End: (_item, all) => go(all.at(-1)),
  ArrowRight: (item, all) => {
    const below = branch(item);
    if (below?.hidden) open(item, true);
    else if (below) go(all[all.indexOf(item) + 1]);
  },
  ArrowLeft: (item) => {
    const below = branch(item);
    if (below && !below.hidden) open(item, false);
    else go(item.parentElement.closest('[role="treeitem"]'));
  },
  Enter: (item) => item.querySelector(":scope > .twig a")?.click(),
};

function letter(key, item, all) {
  const at = all.indexOf(item);
  const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  go(order.find((other) => words(other).startsWith(key.toLowerCase())));
}

if (root) {
  prepare(root, "tree");
  root.firstElementChild.tabIndex = 0;
  root.addEventListener("keydown", (event) => {
    const item = event.target.closest('[role="treeitem"]');
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (act) act(item, items());
    else if (event.key.length === 1 && event.key !== " ") letter(event.key, item, items());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-more]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    more(link);
  });
}
