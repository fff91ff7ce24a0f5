"""Both fakes at once on this machine, with the same two people before each, and what can be seen of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from bot.core.clock import Clock
from tests.channels.talks import KINDS, DeedError, Json, Talk, TelegramTalk, ZaloTalk
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_pace import Pace
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_SECRET, FakeZalo

PEOPLE = ("Lan", "Minh")
GROUP = "Tổ dân phố Đông (thử nghiệm)"
MOST_CALLS = 60
LONGEST_TEXT = 10_000
LOOK_SECONDS = 0.2
SAVE_SECONDS = 1.0
NOISE = {"getupdates", "getme"}


class Room:
    """The fakes, four conversations, and every call that went between them and the product."""

    def __init__(self, clock: Clock) -> None:
        self.telegram = FakeBotApi(clock)
        self.telegram.pace = Pace()
        self.telegram.has_privacy = True
        self.zalo = FakeZalo(clock)
        # Whoever was started before holds a pair that this run knows nothing of: a new first token lets them in again.
        self.zalo.tokens.refresh = f"first-{secrets.token_hex(8)}"
        on_telegram = {name: self.telegram.person(name) for name in PEOPLE}
        on_zalo = {name: self.zalo.person(number, name) for number, name in enumerate(PEOPLE, start=2)}
        self.telegram_people, self.zalo_people = on_telegram, on_zalo
        self.telegram_group = self.telegram.group(GROUP, kind="group")
        self.zalo_group = self.zalo.group(1, GROUP)
        one = PEOPLE[0]
        talks: tuple[Talk, ...] = (
            TelegramTalk("telegram_person", self.telegram, {one: on_telegram[one]}),
            TelegramTalk("telegram_group", self.telegram, on_telegram, self.telegram_group),
            ZaloTalk("zalo_person", {one: on_zalo[one]}),
            ZaloTalk("zalo_group", on_zalo, self.zalo_group),
        )
        self.talks: Mapping[str, Talk] = {talk.key: talk for talk in talks}
        self.last_event: Json | None = None
        self._calls: list[Json] = []
        self._telegram_calls: list[tuple[int, Any]] = []
        self._counted = [0, 0, 0]

    @property
    def environment(self) -> Mapping[str, str]:
        """The settings, without their prefix, with which the product talks to these fakes."""
        return {
            "TELEGRAM_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "ZALO_APP_ID": APP_ID,
            "ZALO_APP_SECRET": APP_SECRET,
            "ZALO_OA_SECRET": OA_SECRET,
            "ZALO_REFRESH_TOKEN": self.zalo.tokens.refresh,
            "ZALO_API_URL": self.zalo.url,
            "ZALO_OAUTH_URL": self.zalo.oauth_url,
        }

    @contextmanager
    def serve(self, *, telegram_port: int = 0, zalo_port: int = 0) -> Iterator[Room]:
        """Run both fakes on loopback ports."""
        with ExitStack() as stack:
            stack.enter_context(self.telegram.serve(telegram_port))
            stack.enter_context(self.zalo.serve(zalo_port))
            yield self

    async def deliver(self, webhook: str, stopping: asyncio.Event) -> None:
        """Call the product's webhook for Zalo with what happens, until `stopping` is set; save its address first."""
        async with httpx.AsyncClient(trust_env=False) as client:
            while not stopping.is_set():
                saved = bool(self.zalo.webhook.url) or await self.zalo.webhook.save(client, webhook)
                if saved:
                    await self.zalo.webhook.push(client)
                await _pause(stopping, LOOK_SECONDS if saved else SAVE_SECONDS)

    # What people do.

    def says(self, chat: str, text: str, *, who: str = "", reply_to: int | None = None) -> None:
        """Let somebody write."""
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise DeedError("Tin phải có chữ và không dài quá 10.000 ký tự.")
        talk = self._talk(chat)
        self._happened(talk, talk.says(_person(talk, who), text, reply_to))

    def sends(self, chat: str, kind: str, *, who: str = "") -> None:
        """Let somebody send something that is no text."""
        if kind not in KINDS:
            raise DeedError(f"Loại tin phải là một trong: {', '.join(KINDS)}.")
        talk = self._talk(chat)
        self._happened(talk, talk.sends(_person(talk, who), kind))

    def presses(self, chat: str, message: int, button: int, *, who: str = "") -> None:
        """Let somebody press a button, counted from one, under a message of the product's."""
        talk = self._talk(chat)
        self._happened(talk, talk.presses(_person(talk, who), message, button))

    def _talk(self, key: str) -> Talk:
        talk = self.talks.get(key)
        if talk is None:
            raise DeedError(f"Không có cuộc trò chuyện đó; có: {', '.join(self.talks)}.")
        return talk

    def _happened(self, talk: Talk, told: Json) -> None:
        if talk.platform == "zalo":
            self.last_event = told
        self._log(talk.platform, "→", str(told.get("event_name", "update")), "", {"update": told})

    # What can be seen.

    def look(self) -> Json:
        """Return everything that the page shows; `digest` is another as soon as anything is."""
        for talk in self.talks.values():
            talk.sync()
        self._take_calls()
        webhook = self.zalo.webhook
        state: Json = {
            "chats": {key: talk.told() for key, talk in self.talks.items()},
            "calls": self._calls[-MOST_CALLS:],
            "webhook": {"saved": bool(webhook.url), "on": webhook.is_on, "waiting": len(webhook.waiting)},
            "polled": self.telegram.updates.polled,
        }
        return state

    def _log(self, platform: str, way: str, name: str, outcome: str, raw: Json) -> Json:
        number = self._calls[-1]["number"] + 1 if self._calls else 1
        call = {"number": number, "platform": platform, "way": way, "name": name, "outcome": outcome, "raw": raw}
        self._calls.append(call)
        return call

    def _take_calls(self) -> None:
        """Take over the calls since, and what became of those that were under way."""
        calls = list(self.telegram.calls)
        for call in calls[self._counted[0] :]:
            if call.method.lower() not in NOISE:
                self._telegram_calls.append((len(self._calls), call))
                self._log("telegram", "←", call.method, "", {})
        for place, call in self._telegram_calls:
            outcome = "" if call.status is None else str(call.status)
            self._calls[place] |= {"outcome": outcome, "raw": {"asked": call.parameters, "answer": call.answer}}
        self._telegram_calls = [(place, call) for place, call in self._telegram_calls if call.status is None]
        self._counted[0] = len(calls)
        done = list(self.zalo.calls)
        for told in done[self._counted[1] :]:
            code = told.answer.get("error", "") if isinstance(told.answer, dict) else ""
            outcome = "" if told.status is None else f"{told.status} {code}".strip()
            self._log("zalo", "←", told.path, outcome, {"asked": told.asked, "answer": told.answer})
        self._counted[1] = len(done)
        attempts = list(self.zalo.webhook.attempts)
        for attempt in attempts[self._counted[2] :]:
            if attempt.event_name:
                again = {"num_retry": attempt.retry} if attempt.retry else {}
                self._log(
                    "zalo", "⇒", attempt.event_name, str(attempt.status or ""), {"webhook": attempt.status, **again}
                )
        self._counted[2] = len(attempts)


def digest_of(state: Json) -> str:
    """Return a name for what is seen now."""
    return hashlib.sha256(json.dumps(state, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _person(talk: Talk, who: str) -> str:
    if not who:
        return next(iter(talk.people))
    if who not in talk.people:
        raise DeedError(f"Ở đây không có {who}; có: {', '.join(talk.people)}.")
    return who


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        return
