/** The document of the chat page; its sentences stand in chat.html. */

const MESSAGE_LIMIT = 2000;
const COUNTER_FROM = 1800;

/** The characters a link may hold: no look-alike letters and no marks that turn the reading direction. */
const LINK = /https:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+/g;
/** Where pictures come from: this server only. */
const PICTURE = /^\/guides\/pictures\/[a-z0-9-]+\/\d+\.png$/;
const TRAILING_PUNCTUATION = /[.,;:!?)\]']+$/;

/** The document. Text from outside enters it as text only, never as markup. */
export class View {
  #find = (id) => document.getElementById(id);
  #log = this.#find("log");
  #message = this.#find("message");
  #counter = this.#find("counter");
  #typing = this.#find("typing").firstElementChild;
  #notice = this.#find("notice").firstElementChild;
  #own = new Map();

  /** @param handlers `say(text, payload)`, `retry(message)`, `edit(message)` and `renew()`. */
  constructor(handlers) {
    this.handlers = handlers;
    this.#find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#message.addEventListener("input", () => this.#measure());
    this.#message.addEventListener("keydown", (event) => {
      // Telex and VNI keyboards compose: Enter then ends a word. Code 229 is how older browsers say the same.
      const composing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      this.#submit();
    });
    for (const button of this.#find("welcome").querySelectorAll("button")) {
      button.addEventListener("click", () => handlers.say(button.textContent, null));
    }
    const confirm = this.#find("confirm");
    this.#find("renew").addEventListener("click", () => {
      confirm.returnValue = "keep";
      confirm.showModal();
    });
    confirm.addEventListener("close", () => confirm.returnValue === "renew" && handlers.renew());
    history.scrollRestoration = "manual";
  }

  text(key, facts = {}) {
    const sentence = this.#find("texts").content.querySelector(`[data-key="${key}"]`).textContent;
    return sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
  }

  /** An empty log with the greeting. */
  clear() {
    this.#log.replaceChildren();
    this.#own.clear();
    this.typing(false);
    this.#welcome(true);
  }

  /** Let the citizen write; from here on the log is read out as it grows. */
  ready() {
    this.#find("opening").hidden = true;
    this.#find("controls").disabled = false;
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  /** Run `work` without its additions being read out: they are history, not news. */
  quietly(work) {
    this.#log.setAttribute("aria-live", "off");
    work();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  focusWelcome() {
    this.#find("welcome-title").focus();
  }

  typing(shown) {
    this.#typing.hidden = !shown;
  }

  /** Say something about the page as a whole, above the box. */
  notice(key, facts) {
    this.#notice.dataset.key = key;
    this.#notice.textContent = this.text(key, facts);
    this.#notice.hidden = false;
  }

  /** Take a notice back, if it is the one that stands there. */
  withdraw(key) {
    if (this.#notice.dataset.key === key) this.#notice.hidden = true;
  }

  earlier() {
    const line = document.createElement("p");
    line.className = "earlier";
    line.textContent = this.text("earlier");
    this.#log.append(line);
  }

  /** Show an own message at the end of the log, moving it there if it stood elsewhere. */
  showOwn(message) {
    this.#welcome(false);
    this.#retireChoices();
    if (!this.#own.has(message.id)) {
      const node = this.#clone("own-message");
      node.querySelector(".text").append(message.text);
      this.#own.set(message.id, node);
    }
    const node = this.#own.get(message.id);
    this.#log.append(node);
  }

  /** Go to an own message that was just said. */
  follow(message) {
    // A button that was pressed is dead by now. From here the next Tab leads to the answer, and no keyboard jumps up.
    if (document.activeElement !== this.#message) this.#own.get(message.id).focus({ preventScroll: true });
    this.settle();
  }

  removeOwn(message) {
    this.#own.get(message.id).remove();
    this.#own.delete(message.id);
    if (!this.#log.hasChildNodes()) this.#welcome(true);
  }

  /** Say under the message why it is not sent, with a button where one helps; nothing if there is no fault. */
  showFault(message) {
    const node = this.#own.get(message.id);
    const shown = node.querySelector(".failure");
    const words = message.fault && this.text(message.fault, { seconds: message.seconds });
    // The same trouble again is not read out again.
    if (shown?.firstElementChild.textContent === words) return;
    shown?.remove();
    if (!message.fault) return;
    const failure = this.#clone("failure");
    const [sentence, button] = failure.children;
    const refused = message.fault.startsWith("refused");
    sentence.textContent = words;
    button.textContent = this.text(refused ? "edit" : "send_again");
    button.addEventListener("click", () => (refused ? this.handlers.edit(message) : this.handlers.retry(message)));
    node.append(failure);
  }

  /** Show a reply of the contract at the end of the log; gives its element, to settle on. */
  showReply(reply) {
    this.#welcome(false);
    const node = this.#clone("reply");
    // One idea a line: each line stands as a paragraph, so that a long answer does not become a wall on a phone.
    for (const part of reply.text.split(/\n\s*\n/)) {
      const lines = part.split("\n").map((line) => this.#paragraph(line));
      lines[0].className = "opens";
      node.querySelector(".text").append(...lines);
    }
    const picture = node.querySelector(".picture");
    if (reply.picture && PICTURE.test(reply.picture.url)) Object.assign(picture, { alt: reply.picture.alt, src: reply.picture.url });
    else picture.remove();
    const sources = reply.sources ?? [];
    for (const source of sources) {
      const item = this.#clone("source");
      item.querySelector("cite").textContent = source.document;
      item.querySelector(".section").textContent = source.section;
      node.querySelector(".sources ul").append(item);
    }
    if (sources.length === 0) node.querySelector(".sources").remove();
    const buttons = reply.buttons ?? [];
    if (buttons.length) this.#retireChoices();
    for (const { title, payload } of buttons) {
      const item = this.#clone("choice");
      const button = item.querySelector("button");
      button.textContent = title;
      button.addEventListener("click", () => {
        button.dataset.chosen = "";
        this.handlers.say(title, payload);
      });
      node.querySelector(".choices").append(item);
    }
    if (buttons.length === 0) node.querySelector(".choices").remove();
    this.#log.append(node);
    return node;
  }

  /** Scroll to the end, but no further than to where `from`, or else the newest own message, begins. */
  settle(from = [...this.#log.querySelectorAll(".own")].pop() ?? this.#log) {
    const page = document.documentElement;
    const margin = parseFloat(getComputedStyle(page).scrollPaddingTop) || 0;
    const top = from.getBoundingClientRect().top + scrollY - margin;
    scrollTo(0, Math.min(top, page.scrollHeight - innerHeight));
  }

  isAtEnd() {
    return document.documentElement.scrollHeight - innerHeight - scrollY < 120;
  }

  /** Put the text of a message that was refused back, before whatever has been typed since. */
  giveBack(text) {
    this.#message.value = [text, this.#message.value].filter(Boolean).join("\n");
    this.#measure();
    this.#message.focus();
  }

  #submit() {
    const text = this.#message.value.normalize("NFC").trim();
    if (!text) return this.#message.focus();
    if ([...text].length > MESSAGE_LIMIT) {
      this.notice("too_long", { limit: MESSAGE_LIMIT.toLocaleString("vi") });
      this.#message.setAttribute("aria-invalid", "true");
      return this.#message.focus();
    }
    this.#message.value = "";
    this.#measure();
    // With a mouse the next thing is more typing; on a phone the keyboard had better make room for the answer.
    if (matchMedia("(pointer: fine)").matches) this.#message.focus();
    this.handlers.say(text, null);
  }

  /** Fit the box to its text and count when the limit is near. */
  #measure() {
    this.#message.style.height = "auto";
    this.#message.style.height = `${this.#message.scrollHeight + 4}px`;
    const length = [...this.#message.value.normalize("NFC").trim()].length;
    const left = MESSAGE_LIMIT - length;
    this.#counter.hidden = length < COUNTER_FROM;
    this.#counter.classList.toggle("over", left < 0);
    this.#counter.textContent = this.#counter.hidden ? "" : this.text(left < 0 ? "excess" : "left", { count: Math.abs(left) });
    if (left >= 0 && this.#message.hasAttribute("aria-invalid")) {
      this.#message.removeAttribute("aria-invalid");
      this.withdraw("too_long");
    }
  }

  #welcome(shown) {
    this.#find("welcome").hidden = !shown;
    this.#find("renew").hidden = shown;
  }

  #retireChoices() {
    for (const button of this.#log.querySelectorAll(".choices button")) button.disabled = true;
  }

  #clone(id) {
    return this.#find(id).content.firstElementChild.cloneNode(true);
  }

  #paragraph(text) {
    const paragraph = document.createElement("p");
    let end = 0;
    for (const match of text.matchAll(LINK)) {
      const address = match[0].replace(TRAILING_PUNCTUATION, "");
      if (!this.#isPlainAddress(address)) continue;
      const link = this.#clone("link");
      link.href = address;
      link.firstElementChild.textContent = address;
      paragraph.append(text.slice(end, match.index), link);
      end = match.index + address.length;
    }
    paragraph.append(text.slice(end));
    return paragraph;
  }

  /** An address whose host is what it seems: `https://vnnic.vn@elsewhere` is none. */
  #isPlainAddress(address) {
    try {
      const { protocol, username, password } = new URL(address);
      return protocol === "https:" && !username && !password;
    } catch {
      return false;
    }
  }
}
