// Shows what the fakes hold and sends what is done here. What people and the product write is only ever text.
"use strict";

const LOOK_MS = 500;
const KINDS = { photo: "Ảnh", document: "Tệp", voice: "Thoại", sticker: "Nhãn dán", location: "Vị trí", contact: "Danh bạ" };
const PLATFORMS = { telegram: "Telegram", zalo: "Zalo", both: "Cả hai" };
const MENUS = { telegram: [["/start", "/start"], ["/menu", "/menu"], ["/giup", "/giup"]], zalo: [["2", "2"]] };
const one = (id) => document.getElementById(id);
const phones = new Map();
const calls = new Map();
let seen = "";

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function button(title, act, className = "") {
  const made = element("button", title, className);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function complain(sentence) {
  one("problem").textContent = sentence;
  one("problem").hidden = !sentence;
}

async function tell(deed, fields) {
  try {
    const answer = await fetch(`/control/${deed}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(fields),
    });
    const told = await answer.json();
    complain(answer.ok ? "" : told.error);
    await look();
    return answer.ok;
  } catch {
    complain("Không gọi được kênh giả: lệnh đã dừng chưa?");
    return false;
  }
}

// Conversations

function makePhone(key) {
  const phone = one("chat").content.firstElementChild.cloneNode(true);
  const parts = {
    phone, key, drawn: "", replyTo: null,
    title: phone.querySelector("h2"), notes: phone.querySelector(".notes"), log: phone.querySelector(".log"),
    hint: phone.querySelector(".hint"), reply: phone.querySelector(".reply"), who: phone.querySelector(".who"),
    text: phone.querySelector("textarea"), extras: phone.querySelector(".extras"),
  };
  const send = async () => {
    const text = parts.text.value;
    if (!text.trim()) return;
    const fields = { chat: key, text, who: whoOf(parts) };
    if (parts.replyTo !== null) fields.reply_to = parts.replyTo;
    if (await tell("says", fields)) {
      parts.text.value = "";
      answerTo(parts, null);
    }
  };
  phone.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  parts.text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });
  phone.querySelector(".no-reply").addEventListener("click", () => answerTo(parts, null));
  one("chats").append(phone);
  phones.set(key, parts);
  return parts;
}

const whoOf = (parts) => parts.who.querySelector("select").value;

function answerTo(parts, message, text = "") {
  parts.replyTo = message;
  parts.reply.hidden = message === null;
  parts.reply.querySelector("span").textContent = message === null ? "" : `Trả lời: “${text.slice(0, 40)}…”`;
}

function setUp(parts, chat) {
  const platform = parts.key.split("_")[0];
  parts.title.replaceChildren(element("span", chat.platform, "platform"), chat.title);
  parts.phone.setAttribute("aria-label", `${chat.platform}: ${chat.title}`);
  parts.hint.textContent = chat.hint;
  parts.hint.hidden = !chat.hint;
  parts.who.querySelector("select").replaceChildren(...chat.who.map((name) => element("option", name)));
  parts.who.hidden = chat.who.length < 2;
  for (const [title, text] of MENUS[platform]) {
    parts.extras.append(button(title, () => tell("says", { chat: parts.key, text, who: whoOf(parts) })));
  }
  if (parts.key === "telegram_group") return;
  const others = element("details");
  others.append(element("summary", "Gửi thứ khác"));
  for (const [kind, title] of Object.entries(KINDS)) {
    others.append(button(title, () => tell("sends", { chat: parts.key, kind, who: whoOf(parts) })));
  }
  parts.extras.append(others);
}

function drawChat(key, chat) {
  const parts = phones.get(key) ?? makePhone(key);
  if (!parts.extras.hasChildNodes()) setUp(parts, chat);
  const now = JSON.stringify(chat);
  if (now === parts.drawn) return;
  parts.drawn = now;
  parts.notes.textContent = chat.notes.join(" ");
  parts.notes.hidden = !chat.notes.length;
  parts.log.replaceChildren(...chat.lines.map((line) => drawLine(parts, line)));
  parts.log.scrollTop = parts.log.scrollHeight;
}

function drawLine(parts, line) {
  const bubble = element("div", "", line.who ? "bubble own" : "bubble");
  if (line.who) bubble.append(element("p", line.who, "name"));
  if (line.human) bubble.append(element("p", "Người trực của OA", "mark"));
  if (line.picture) bubble.append(element("p", "[hình]", "mark"));
  if (line.text) bubble.append(element("p", line.text));
  if (line.billed) bubble.append(element("p", "(tin tính phí: quá 48 giờ)", "mark"));
  for (const url of line.links ?? []) bubble.append(drawLink(url, url));
  let number = 0;
  for (const row of line.rows ?? []) {
    const drawn = element("div", "", "row");
    for (const each of row) drawn.append(drawButton(parts, line, each, ++number));
    bubble.append(drawn);
  }
  if (parts.key === "telegram_group" && !line.who && line.message) {
    bubble.append(button("Trả lời tin này", () => answerTo(parts, line.message, line.text)));
  }
  return bubble;
}

function drawButton(parts, line, each, number) {
  if (each.url) return drawLink(each.title, each.url);
  const made = button(each.title, () =>
    tell("presses", { chat: parts.key, message: line.message, button: number, who: whoOf(parts) }));
  made.disabled = !each.asks;
  return made;
}

function drawLink(title, url) {
  if (!/^https?:\/\//i.test(url)) return element("span", `${title} (${url})`);
  const link = element("a", title);
  link.href = url;
  link.rel = "noopener noreferrer";
  link.target = "_blank";
  return link;
}

// Faults

function drawFaults(faults) {
  one("waiting").textContent = faults.waiting ? `Đang chờ: ${faults.waiting}.` : "";
  if (!one("things").hasChildNodes()) makeFaults(faults);
  for (const thing of faults.things) {
    if (thing.kind === "switch") one(thing.name).setAttribute("aria-pressed", String(thing.on));
  }
}

function makeFaults(faults) {
  const groups = new Map();
  for (const thing of faults.things) {
    const platform = thing.name.split(".")[0];
    if (!groups.has(platform)) {
      const group = element("div", "", "platform-things");
      group.append(element("h3", PLATFORMS[platform]), element("div"));
      groups.set(platform, group);
    }
    const made = button(thing.title, () => {
      const fields = { name: thing.name };
      if (thing.kind === "next") fields.times = Number(one("times").value);
      tell("faults", fields);
    });
    made.id = thing.name;
    groups.get(platform).lastElementChild.append(made);
  }
  one("things").append(...groups.values());
  for (const [code, meaning] of Object.entries(faults.codes)) {
    const option = element("option", `${code}: ${meaning}`);
    option.value = code;
    one("code").append(option);
  }
}

// Calls

function drawCall(call) {
  const now = JSON.stringify(call);
  const drawn = calls.get(call.number);
  if (drawn && drawn.now === now) return;
  const item = drawn?.item ?? element("li");
  const folded = drawn?.item.querySelector("details") ?? element("details");
  const title = `${call.number}. ${PLATFORMS[call.platform]} ${call.way} ${call.name} ${call.outcome}`;
  folded.replaceChildren(element("summary", title), element("pre", JSON.stringify(call.raw, null, 1)));
  if (!drawn) {
    item.append(folded);
    one("call-list").prepend(item);
  }
  calls.set(call.number, { now, item });
}

function drawCalls(list) {
  list.forEach(drawCall);
  for (const [number, { item }] of calls) {
    if (list.length && number < list[0].number) { item.remove(); calls.delete(number); }
  }
}

// Everything

async function look() {
  const answer = await fetch(`/control/state?seen=${seen}`);
  if (answer.status !== 200) return;
  const state = await answer.json();
  seen = state.digest;
  const zalo = state.webhook.saved ? (state.webhook.on ? "đang nhận" : "webhook đã tắt") : "chưa nối: sản phẩm chưa chạy";
  one("links").textContent = `Telegram: ${state.polled ? "đang được hỏi" : "sản phẩm chưa hỏi"}. Zalo: ${zalo}.`;
  for (const [key, chat] of Object.entries(state.chats)) drawChat(key, chat);
  drawFaults(state.faults);
  drawCalls(state.calls);
}

async function watch() {
  try {
    await look();
  } catch {
    seen = "";
    one("links").textContent = "Mất nối với lệnh hiendien dev fake-channels.";
  }
  setTimeout(watch, LOOK_MS);
}

one("calm").addEventListener("click", () => tell("calm", {}));
one("use-code").addEventListener("click", () =>
  tell("faults", { name: "zalo.code", code: Number(one("code").value), times: Number(one("times").value) }));
watch();
