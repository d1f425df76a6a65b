/* <live-region src end>: its part with [data-live] is replaced by the HTML of each event. The browser reconnects by
   itself and says which event it had last; where it gives up, as after a proxy's refusal, a new connection is tried.
   The event "end" leads to the address `end`, else loads the page anew. */
const AGAIN_MILLISECONDS = 3000;

class LiveRegion extends HTMLElement {
  connectedCallback() {
    this.seen = new Date();
    this.visibility = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.visibility);
    this.querySelector("[data-again]").addEventListener("click", () => {
      this.close();
      this.open();
    });
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
    this.source.onerror = () => this.lose();
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
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  lose() {
    this.toggleOffline(true);
    if (this.source?.readyState !== EventSource.CLOSED) return;
    this.close();
    this.again = setTimeout(this.visibility, AGAIN_MILLISECONDS);
  }

  show(html) {
    this.seen = new Date();
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
    const note = this.querySelector("[data-offline]");
    if (note.hidden === !isOffline) return;
    note.querySelector("[data-seen]").textContent = this.seen.toLocaleTimeString();
    note.hidden = !isOffline;
  }
}

customElements.define("live-region", LiveRegion);
