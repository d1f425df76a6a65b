/* Toasts go by themselves after six seconds, unless somebody is at them or they tell an error; and the menu closes by Escape. */
const SHOWN_MILLISECONDS = 6000;

function expire(toast) {
  if (toast.hasAttribute("data-stays")) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? expire(toast) : toast.remove()), SHOWN_MILLISECONDS);
}

const place = document.getElementById("toasts");
for (const toast of place?.querySelectorAll(".toast") ?? []) expire(toast);
if (place) {
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.(".toast")) expire(node);
  }).observe(place, { childList: true });
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest(".topbar__menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
