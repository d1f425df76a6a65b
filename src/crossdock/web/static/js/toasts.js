/* Toasts go by themselves after six seconds, unless somebody is at them or they tell an error, which stays until it is
   closed. Whatever a request of htmx fails for is told, also where no answer of ours came; and the menu closes by Escape. */
const SHOWN_MILLISECONDS = 6000;
const place = document.getElementById("toasts");

function expire(toast) {
  if (toast.hasAttribute("data-stays")) return;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? expire(toast) : toast.remove()), SHOWN_MILLISECONDS);
}

function tell(text) {
  const toast = document.getElementById("trouble").content.cloneNode(true);
  toast.querySelector("[data-text]").textContent = text;
  place.append(toast);
}

for (const toast of place.querySelectorAll(".toast")) expire(toast);
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.matches?.(".toast")) expire(node);
}).observe(place, { childList: true });

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismisses]")) event.target.closest(".toast").remove();
});
document.addEventListener("htmx:sendError", () => {
  tell("Crossdock can't be reached. Check that it runs and that you are online, then do it once more.");
});
document.addEventListener("htmx:timeout", () => tell("Crossdock takes too long to answer. Do it once more in a while."));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  // An answer of ours says that it differs for htmx; a proxy's page must not stand in the middle of ours.
  if (xhr.status < 400 || (xhr.getResponseHeader("Vary") ?? "").includes("HX-Request")) return;
  event.detail.shouldSwap = false;
  tell(`Something between you and Crossdock answered ${xhr.status}. Do it once more in a while.`);
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest(".topbar__menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
