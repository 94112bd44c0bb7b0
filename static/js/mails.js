// The preview by itself: while the words of a mail change, the frame beside them follows.
// Without it the button "Preview" sends the form into the same frame.
const form = document.querySelector("form[data-preview]");
const button = form?.querySelector("button[data-preview]");
const WAIT = 500;
let frame = document.querySelector("iframe[name='preview']");
let timer, latest, count = 0;

if (button && frame) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
  if ("typed" in form.dataset) show();
}

// Each time a fresh frame: the first page of a frame adds nothing to the history, so Back still leaves the editor.
function show() {
  const fresh = frame.cloneNode();
  fresh.removeAttribute("src");
  fresh.name = `preview-${++count}`;
  fresh.hidden = true;
  latest?.remove();
  latest = fresh;
  frame.after(fresh);
  fresh.addEventListener("load", () => {
    fresh.hidden = false;
    frame.remove();
    frame = fresh;
    latest = undefined;
    button.formTarget = fresh.name;
  }, { once: true });
  const copy = Object.assign(document.createElement("form"), { method: "post", action: button.formAction, target: fresh.name, hidden: true });
  for (const [name, value] of new FormData(form)) {
    copy.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(copy);
  copy.submit();
  copy.remove();
}
