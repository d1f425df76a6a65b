/* Keys for lists; each does what a control on the page does as well, and none works while something is typed:
   / search, J and K next and previous row, X select it, Shift and X select the page, ? show the keys. */
const TYPED = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

function step(by) {
  const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  const row = document.activeElement?.closest("tbody tr");
  const at = links.findIndex((link) => row?.contains(link));
  links[at < 0 && by < 0 ? links.length - 1 : Math.min(Math.max(at + by, 0), links.length - 1)]?.focus();
}

const ACTS = {
  "/": () => document.querySelector("main input[type=search]")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement?.closest("tbody tr")?.querySelector("input[type=checkbox]")?.click(),
  X: () => document.getElementById("select-page")?.click(),
  "?": () => document.querySelector("[data-opens=keys]").click(),
};

document.addEventListener("keydown", (event) => {
  const act = ACTS[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(TYPED) || document.querySelector("dialog:modal")) return;
  event.preventDefault();
  act();
});
