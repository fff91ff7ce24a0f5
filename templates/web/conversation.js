/**
 * One conversation with the server.
 *
 * Why no message is lost or doubled:
 * - An own message has one id from its first attempt until it is accepted, across failures and reloads;
 *   the server treats a repeated id as the same message. Messages leave one at a time, in order.
 * - Only the long poll moves the cursor. Replies that come with the answer to a message are shown at once; whichever
 *   way a reply comes, one whose id is on the screen already is skipped.
 * - Whoever lost the conversation's cookie is a guest there. The answer is shown, without its buttons, which would
 *   belong to the old conversation, and the talk goes on in a new one.
 */

import { newId } from "./device.js";

const SEND_TIME_LIMIT = 60_000;
const POLL_TIME_LIMIT = 40_000;
const SLOW_AFTER = 40_000;
const LONGEST_PAUSE = 60_000;

/** Seconds doubling from two, at most a minute, in milliseconds. */
function backoff(failures) {
  return Math.min(1000 * 2 ** failures, LONGEST_PAUSE);
}

/**
 * Ask the server; gives `{status, retryAfter, body}`, `body` being the JSON of a 200.
 * Throws when there was no answer in time, or a 200 was not ours (a Wi-Fi sign-in page, for one).
 */
async function request(address, options, timeLimit, controller = new AbortController()) {
  const timer = setTimeout(() => controller.abort(), timeLimit);
  try {
    const response = await fetch(address, { cache: "no-store", ...options, signal: controller.signal });
    const body = response.ok ? await response.json() : null;
    if (response.ok && !Array.isArray(body.replies)) throw new TypeError("not an answer of the chat API");
    return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 5, body };
  } finally {
    clearTimeout(timer);
  }
}

/** An outbox and a long poll over a state that the device keeps. */
export class Conversation {
  #view;
  #device;
  #state;
  #closed = false;
  #sending = false;
  #sendFailures = 0;
  #sendTimer;
  #poll = null;
  #pollFailures = 0;
  #pollTimer;
  #pollRefused = false;
  #slowTimer;

  constructor(view, device, state) {
    this.#view = view;
    this.#device = device;
    this.#state = state;
  }

  /** Show what the device kept, send what was not yet accepted, listen for replies. */
  open() {
    this.#view.quietly(() => {
      for (const { own, reply } of this.#state.entries) {
        if (reply) this.#view.showReply(reply);
        if (own) this.#view.showOwn(own);
        if (own) this.#view.showFault(own);
      }
    });
    if (this.#state.entries.length) this.#view.settle();
    this.resume();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#slowTimer);
    this.#poll?.abort();
  }

  /** Go on after a reload, when the network is back, when the page is looked at again. */
  resume() {
    this.#sendFailures = 0;
    this.#pollFailures = 0;
    this.#send();
    this.#listen(0);
  }

  /** A page nobody looks at costs no battery and no data. */
  pause() {
    clearTimeout(this.#pollTimer);
    this.#poll?.abort();
  }

  say(text, payload) {
    const message = { id: newId(), text, payload, status: "waiting", fault: null, };
    this.#state.entries.push({ own: message });
    this.#show(message);
  }

  retry(message) {
    const entry = this.#takeOut(message);
    this.#state.entries.push(entry);
    Object.assign(message, { status: "waiting", fault: null });
    this.#view.showFault(message);
    this.#show(message);
  }

  edit(message) {
    this.#takeOut(message);
    this.#save();
    this.#view.removeOwn(message);
    this.#view.giveBack(message.text);
  }

  #show(message) {
    this.#save();
    this.#view.showOwn(message);
    this.#view.follow(message);
    this.#send();
  }

  #takeOut(message) {
    const { entries } = this.#state;
    return entries.splice(entries.findIndex(({ own }) => own === message), 1)[0];
  }

  #save() {
    if (!this.#closed) this.#device.save(this.#state);
  }

  /** Send what waits, in order, one at a time. */
  async #send() {
    if (this.#sending) return;
    clearTimeout(this.#sendTimer);
    this.#sending = true;
    let pause = 0;
    while (!this.#closed && pause === 0) {
      const waiting = this.#state.entries.find(({ own }) => own?.status === "waiting");
      if (!waiting) break;
      pause = await this.#deliver(waiting.own);
    }
    this.#sending = false;
    if (pause && !this.#closed) this.#sendTimer = setTimeout(() => this.#send(), pause);
  }

  /** Try one message once; gives how long to wait before the outbox goes on, in milliseconds. */
  async #deliver(message) {
    this.#awaitReply();
    const content = message.payload === null ? { text: message.text } : { payload: message.payload };
    const options = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ conversation_id: this.#state.id, message_id: message.id, ...content }),
    };
    let answer;
    try {
      answer = await request("/api/v1/chat/messages", options, SEND_TIME_LIMIT);
    } catch {
      return this.#fail(message, "waiting", "unreachable", backoff(++this.#sendFailures));
    }
    this.#sendFailures = 0;
    if (answer.status === 429) {
      message.seconds = answer.retryAfter;
      return this.#fail(message, "waiting", "throttled", answer.retryAfter * 1000);
    }
    if ([400, 413, 422].includes(answer.status)) {
      return this.#fail(message, "stopped", message.payload === null ? "refused" : "refused_choice", 0);
    }
    if (answer.body === null) return this.#fail(message, "stopped", "broken", 0);
    return this.#accept(message, answer.body);
  }

  #fail(message, status, fault, pause) {
    if (this.#closed) return 0;
    Object.assign(message, { status, fault });
    this.#stopAwaiting();
    this.#view.showFault(message);
    this.#view.settle();
    this.#save();
    return pause;
  }

  #accept(message, body) {
    if (this.#closed) return 0;
    Object.assign(message, { status: "accepted", fault: null });
    this.#view.showFault(message);
    this.#state.known = !body.guest;
    if (body.guest) this.#moveOn();
    this.#showReplies(body.guest ? body.replies.map((reply) => ({ ...reply, id: null, buttons: [] })) : this.#unseen(body.replies));
    this.#view.settle();
    if (body.handled_by === "person") this.#stopAwaiting();
    this.#save();
    this.#pollRefused = false;
    this.#listen(0);
    return 0;
  }

  /** Go on in a new conversation, whose replies are counted from one again. */
  #moveOn() {
    this.#poll?.abort();
    for (const { reply } of this.#state.entries) if (reply) reply.id = null;
    Object.assign(this.#state, { id: newId(), cursor: "0" });
  }

  #unseen(replies) {
    const seen = new Set(this.#state.entries.map(({ reply }) => reply?.id));
    return replies.filter((reply) => !seen.has(reply.id));
  }

  /** Show replies at the end; gives the first one's element, or nothing if there are none. */
  #showReplies(replies) {
    if (replies.length) this.#stopAwaiting();
    const [first] = replies.map((reply) => {
      this.#state.entries.push({ reply });
      return this.#view.showReply(reply);
    });
    return first;
  }

  #awaitReply() {
    this.#view.withdraw("slow");
    this.#view.typing(true);
    this.#view.settle();
    clearTimeout(this.#slowTimer);
    this.#slowTimer = setTimeout(() => {
      this.#stopAwaiting();
      this.#view.notice("slow");
    }, SLOW_AFTER);
  }

  #stopAwaiting() {
    clearTimeout(this.#slowTimer);
    this.#view.typing(false);
    this.#view.withdraw("slow");
  }

  /** Have one poll under way after `pause` milliseconds, unless there is one, or no reason for one. */
  #listen(pause) {
    clearTimeout(this.#pollTimer);
    const idle = this.#closed || this.#poll || this.#pollRefused || !this.#state.known || document.hidden;
    if (!idle) this.#pollTimer = setTimeout(() => this.#pollOnce(), pause);
  }

  async #pollOnce() {
    const asked = Date.now();
    const address = `/api/v1/chat/conversations/${this.#state.id}/messages?after=${encodeURIComponent(this.#state.cursor)}`;
    const controller = new AbortController();
    this.#poll = controller;
    let pause;
    try {
      const answer = await request(address, {}, POLL_TIME_LIMIT, controller);
      pause = this.#takeIn(answer, Date.now() - asked);
    } catch {
      pause = backoff(++this.#pollFailures);
    }
    this.#poll = null;
    this.#listen(pause);
  }

  /** Show what a poll brought; gives how long to wait before the next one, in milliseconds. */
  #takeIn({ status, retryAfter, body }, duration) {
    if (this.#closed) return 0;
    if (status === 429) return retryAfter * 1000;
    // Not our conversation, or not known there: asking again changes nothing until a message is accepted.
    if (status >= 400 && status < 500) this.#pollRefused = true;
    if (body === null) return backoff(++this.#pollFailures);
    this.#pollFailures = 0;
    const fresh = this.#unseen(body.replies);
    this.#state.cursor = String(body.cursor);
    if (fresh.length) this.#bring(fresh);
    this.#save();
    // A server that answers at once with nothing must not be asked in a tight circle.
    return body.replies.length === 0 && duration < 1000 ? 5000 : 0;
  }

  #bring(replies) {
    if (this.#state.entries.length === 0) {
      this.#view.quietly(() => {
        this.#view.earlier();
        this.#showReplies(replies);
      });
      return this.#view.settle();
    }
    const follow = this.#view.isAtEnd();
    const first = this.#showReplies(replies);
    if (follow) this.#view.settle(first);
  }
}
