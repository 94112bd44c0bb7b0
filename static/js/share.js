// "Copy link" and "Share…" beside a link: inserted here, because without a script they would do nothing.
import { say } from "./say.js";

for (const box of document.querySelectorAll("input[data-copy]")) {
  box.addEventListener("focus", () => box.select());
  add(box, "copyLabel", copy);
  if (navigator.share) add(box, "shareLabel", share);
}

// Browsers that do not print a closed <details> need it open: the QR code belongs on the paper.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details[data-print]")) folded.open = true;
});

function add(box, words, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button secondary";
  button.textContent = box.dataset[words];
  button.addEventListener("click", () => act(box, button));
  box.parentElement.append(button);
}

async function copy(box, button) {
  try {
    await navigator.clipboard.writeText(box.value);
    flash(button, box.dataset.copied);
    say(box.dataset.copySaid);
  } catch {
    box.focus();
    box.select();
    flash(button, box.dataset.copyFailed);
    say(box.dataset.copyFailed);
  }
}

async function share(box) {
  try {
    await navigator.share({ text: box.dataset.shareText, url: box.value });
  } catch (refused) {
    if (refused.name !== "AbortError") say(box.dataset.copyFailed);
  }
}

function flash(button, text) {
  const words = button.dataset.words ?? button.textContent;
  button.dataset.words = words;
  button.textContent = text;
  clearTimeout(button.flashing);
  button.flashing = setTimeout(() => { button.textContent = words; }, 2000);
}
