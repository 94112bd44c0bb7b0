// Tells screen readers what changed, without moving the focus: one polite live region for the whole page.
export function say(text) {
  const live = document.getElementById("live");
  if (!live || !text) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}
