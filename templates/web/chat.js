/** The chat page: joins what the phone keeps, what the page shows and the talk with the server. */

import { Conversation } from "./conversation.js";
import { Device } from "./device.js";
import { View } from "./view.js";

let conversation;
const device = new Device();
const view = new View({
  say: (text, payload) => conversation.say(text, payload),
  retry: (message) => conversation.retry(message),
  edit: (message) => conversation.edit(message),
  renew() {
    conversation.close();
    device.forget();
    start(device.fresh());
    view.focusWelcome();
  },
});
function start(state) {
  view.clear();
  conversation = new Conversation(view, device, state);
  conversation.open();
}

start(device.load());
view.ready();
if (!navigator.onLine) view.notice("offline");
addEventListener("offline", () => view.notice("offline"));
addEventListener("online", () => {
  view.withdraw("offline");
  conversation.resume();
});
document.addEventListener("visibilitychange", () => (document.hidden ? conversation.pause() : conversation.resume()));
