/* Forms, made quicker: a field that submits its form when changed, a number to type before a button works, and a
   button that says that it was pressed. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

function checkNumber(input) {
  const wanted = input.dataset.confirms;
  const typed = input.value.replace(/[^0-9]/g, "");
  for (const button of input.form.querySelectorAll("[data-confirmed]")) button.disabled = typed !== wanted;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("input[data-confirms]")) checkNumber(event.target);
});

function prepare() {
  for (const input of document.querySelectorAll("input[data-confirms]")) checkNumber(input);
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches(".btn") || event.target.method === "dialog") return;
  // After the browser has gathered the form: a disabled button is no part of it.
  setTimeout(() => {
    button.setAttribute("aria-disabled", "true");
    button.classList.add("is-busy");
  });
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".btn.is-busy")) event.preventDefault();
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll(".btn.is-busy")) {
    button.removeAttribute("aria-disabled");
    button.classList.remove("is-busy");
  }
});
document.addEventListener("htmx:afterRequest", () => window.dispatchEvent(new Event("pageshow")));
document.addEventListener("htmx:afterSettle", prepare);
prepare();
