/* <live-region src end>: its part with [data-live] is replaced by the HTML of each event. The browser reconnects by
   itself and says which event it had last. The event "end" leads to the address `end`, else loads the page anew. */
class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.visibility = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.visibility);
    this.visibility();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.visibility);
    this.close();
  }

  open() {
    if (this.source) return;
    this.source = new EventSource(this.getAttribute("src"));
    this.source.onopen = () => this.toggleOffline(false);
    this.source.onerror = () => this.toggleOffline(true);
    this.source.onmessage = (event) => this.show(event.data);
    this.source.addEventListener("end", () => {
      this.close();
      const end = this.getAttribute("end");
      if (end) location.assign(end);
      else location.reload();
    });
  }

  // A browser opens six connections to a host over all its tabs: a tab that nobody sees needs none.
  close() {
    this.source?.close();
    this.source = null;
  }

  show(html) {
    const part = this.querySelector("[data-live]");
    const focused = part.contains(document.activeElement) ? document.activeElement.dataset.keeps : null;
    part.innerHTML = html;
    window.htmx?.process(part);
    if (focused) part.querySelector(`[data-keeps="${CSS.escape(focused)}"]`)?.focus();
    const said = part.querySelector("[data-says]")?.dataset.says ?? "";
    const status = this.querySelector("[data-said]");
    if (said && status.textContent !== said) status.textContent = said;
  }

  toggleOffline(isOffline) {
    this.classList.toggle("is-offline", isOffline);
    const note = this.querySelector("[data-offline]");
    if (note) note.hidden = !isOffline;
  }
}

customElements.define("live-region", LiveRegion);
