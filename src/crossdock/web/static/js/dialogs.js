/* Dialogs and drawers. Without this file a dialog is a page of its own with a link that closes it.
   - <dialog open data-modal>: shown as a modal one; Escape and [data-close] lead to data-closed.
   - [data-opens="id"]: opens the dialog of that id; focus returns to it. */
let opener = null;

function leave(dialog) {
  const closed = dialog.dataset.closed;
  dialog.close();
  // What opened it may have been drawn anew meanwhile: then the element of its name stands for it.
  const opened = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
  if (opened) opened.focus();
  opener = null;
  if (!closed) return;
  if (dialog.dataset.keeps === "page") {
    history.replaceState(null, "", closed);
    dialog.remove();
  } else location.assign(closed);
}

function show(dialog) {
  dialog.removeAttribute("open");
  dialog.showModal();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    const typing = document.activeElement?.matches?.("input[data-confirms]") && document.activeElement.value;
    if (!typing) leave(dialog);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      leave(dialog);
    }
  });
}

function prepare(root) {
  for (const dialog of root.querySelectorAll("dialog[data-modal]:not(:modal)")) show(dialog);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-opens]");
  const dialog = button && document.getElementById(button.dataset.opens);
  if (!dialog) return;
  event.preventDefault();
  opener = button;
  show(dialog);
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.closest("[data-opens-drawer]")) opener = event.target;
});
// At once, not when htmx has settled: until a dialog is modal the keys of the page beneath still work.
document.addEventListener("htmx:afterSwap", () => prepare(document));
prepare(document);
