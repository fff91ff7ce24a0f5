/** What a phone keeps of a conversation. */

const ENTRIES_KEPT = 200;

/** A random UUID; `crypto.randomUUID` is missing where the page is served without TLS in a local network. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * What is kept on this device. The transcript lives in sessionStorage and goes with the tab, because phones are shared;
 * only the conversation's id outlives it. The token is the server's HttpOnly cookie and is never seen here.
 */
export class Device {
  static #transcript = "hiendien.transcript";
  static #conversation = "hiendien.conversation";

  load() {
    return this.#attempt(() => {
      const kept = JSON.parse(sessionStorage.getItem(Device.#transcript));
      if (kept) return kept;
      const id = localStorage.getItem(Device.#conversation);
      return id && { ...this.fresh(), id, known: true };
    }) || this.fresh();
  }

  fresh() {
    return { id: newId(), known: false, cursor: "0", entries: [] };
  }

  save(state) {
    state.entries.splice(0, state.entries.length - ENTRIES_KEPT);
    this.#attempt(() => {
      sessionStorage.setItem(Device.#transcript, JSON.stringify(state));
      if (state.known) localStorage.setItem(Device.#conversation, state.id);
    });
  }

  forget() {
    this.#attempt(() => {
      sessionStorage.removeItem(Device.#transcript);
      localStorage.removeItem(Device.#conversation);
    });
  }

  /** Storage may be forbidden or full: the talk goes on, it just does not survive a reload. */
  #attempt(work) {
    try {
      return work();
    } catch {
      return null;
    }
  }
}
