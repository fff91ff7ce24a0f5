"""The control API over HTTP: what people do reaches the product, what the product sends is seen, and faults happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from telegram import Bot
from telegram.error import Forbidden, NetworkError, RetryAfter

from tests.channels.control import create_control
from tests.channels.faults import THINGS, Next
from tests.channels.room import Room
from tests.telegram.driving import MENU, a_bot
from tests.zalo.fake_wire import CODES
from tests.zalo.fake_zalo import APP_ID, APP_SECRET

HOOK = "http://127.0.0.1:9/webhooks/zalo"
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'

# Making a RetryAfter warns in this version of the library, whatever the product does.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


class Page:
    """What a browser, or a script, does with the control API."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def do(self, deed: str, **fields: Any) -> str:
        """Do something; return what it was refused with."""
        answer = await self.http.post(f"/control/{deed}", json=fields)
        assert answer.status_code == (400 if "error" in answer.json() else 200)
        return str(answer.json().get("error", ""))

    async def look(self) -> dict[str, Any]:
        return (await self.http.get("/control/state")).json()

    async def lines(self, chat: str) -> list[dict[str, Any]]:
        return (await self.look())["chats"][chat]["lines"]


class Zalo:
    """The product's side of Zalo."""

    def __init__(self, http: httpx.AsyncClient, refresh: str) -> None:
        self.http = http
        self.refresh = refresh
        self.access = ""

    async def renew(self) -> None:
        fields = {"app_id": APP_ID, "grant_type": "refresh_token", "refresh_token": self.refresh}
        answer = await self.http.post("/v4/oa/access_token", headers={"secret_key": APP_SECRET}, data=fields)
        self.access, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]

    async def send(self, user_id: str, message: dict[str, Any]) -> int:
        body = {"recipient": {"user_id": user_id}, "message": message}
        headers = {"access_token": self.access}
        answer = await self.http.post("/v3.0/oa/message/cs", headers=headers, json=body)
        return int(answer.json()["error"])


@pytest.fixture
def room(clock) -> Room:
    return Room(clock)


@pytest.fixture
async def page(room) -> AsyncIterator[Page]:
    transport = httpx.ASGITransport(app=create_control(room, HOOK))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield Page(http)


@pytest.fixture
async def bot(room) -> AsyncIterator[Bot]:
    async with a_bot(room.telegram) as bot:
        yield bot


@pytest.fixture
async def zalo(room) -> AsyncIterator[Zalo]:
    async with httpx.AsyncClient(transport=room.zalo.transport(), base_url=room.zalo.url) as http:
        zalo = Zalo(http, room.environment["ZALO_REFRESH_TOKEN"])
        await zalo.renew()
        yield zalo


class TestTelegram:
    async def test_a_conversation_stands_in_its_order_and_buttons_are_pressed(self, room, page, bot):
        lan = room.telegram_people["Lan"]
        assert await page.do("says", chat="telegram_person", text="/start") == ""
        await bot.send_message(lan.user_id, "Chọn:", reply_markup=MENU)
        ((_, shown),) = [await page.lines("telegram_person")]
        assert shown["rows"] == [[{"title": "Tôi có được ưu đãi?", "url": "", "asks": True}]]
        assert await page.do("presses", chat="telegram_person", message=shown["message"], button=1) == ""
        await bot.send_message(lan.user_id, "Được")
        assert [(line["who"], line["text"]) for line in await page.lines("telegram_person")] == [
            ("Lan", "/start"),
            ("", "Chọn:"),
            ("Lan", "[Tôi có được ưu đãi?]"),
            ("", "Được"),
        ]
        *_, update = await bot.get_updates()
        assert update.callback_query.data == "a1"

    async def test_in_the_group_two_people_write_and_reply(self, room, page, bot):
        await page.do("says", chat="telegram_group", text="hôm nay trời đẹp")
        await page.do("says", chat="telegram_group", text="/giup", who="Minh")
        await bot.send_message(room.telegram_group.chat_id, "Chào Minh")
        *_, answer = await page.lines("telegram_group")
        await page.do("says", chat="telegram_group", text="giá?", who="Lan", reply_to=answer["message"])
        heard = [(update.message.from_user.first_name, update.message.text) for update in await bot.get_updates()]
        assert heard == [("Minh", "/giup"), ("Lan", "giá?")], "the bot hears only what is meant for it"

    async def test_other_kinds_are_sent_in_private(self, page, bot):
        for kind in ("photo", "document", "voice", "sticker", "location", "contact"):
            assert await page.do("sends", chat="telegram_person", kind=kind) == ""
        updates = await bot.get_updates()
        assert [update.message.effective_attachment is not None for update in updates] == [True] * 6
        assert "chỉ gửi được chữ" in await page.do("sends", chat="telegram_group", kind="photo")

    async def test_faults_befall_the_next_calls(self, room, page, bot):
        lan = room.telegram_people["Lan"]
        lan.starts()
        await page.do("faults", name="telegram.flood")
        await page.do("faults", name="telegram.cut_after", times=2)
        assert (await page.look())["faults"]["waiting"] == 3
        with pytest.raises(RetryAfter):
            await bot.send_message(lan.user_id, "x")
        with pytest.raises(NetworkError):
            await bot.send_message(lan.user_id, "một")
        await page.do("calm")
        await bot.send_message(lan.user_id, "hai")
        assert lan.chat.texts == ["một", "hai"]
        outcomes = [call["outcome"] for call in (await page.look())["calls"] if call["name"] == "sendMessage"]
        assert outcomes == ["429", "", "200"]

    async def test_the_bot_is_blocked_thrown_out_and_let_in_again(self, room, page, bot):
        lan = room.telegram_people["Lan"]
        lan.starts()
        for name, chat_id in (("telegram.blocked", lan.user_id), ("telegram.kicked", room.telegram_group.chat_id)):
            await page.do("faults", name=name)
            with pytest.raises(Forbidden):
                await bot.send_message(chat_id, "x")
            await page.do("faults", name=name, on=False)
            await bot.send_message(chat_id, "x")
        await page.do("faults", name="telegram.blocked", on=True)
        assert "bị chặn" in await page.do("says", chat="telegram_person", text="chào")
        assert (await page.look())["chats"]["telegram_person"]["notes"] == ["Bot đang bị chặn."]

    async def test_a_group_that_was_upgraded_goes_on_in_the_same_place(self, room, page, bot):
        await bot.send_message(room.telegram_group.chat_id, "trước")
        await page.do("faults", name="telegram.upgraded")
        upgraded = room.telegram_group.upgraded_to
        assert upgraded is not None
        await bot.send_message(upgraded.chat_id, "sau")
        await page.do("says", chat="telegram_group", text="/giup")
        assert [line["text"] for line in await page.lines("telegram_group")] == ["trước", "sau", "/giup"]
        assert await page.do("faults", name="telegram.upgraded")


class TestZalo:
    async def test_a_conversation_stands_in_its_order_and_buttons_are_pressed(self, room, page, zalo):
        lan = room.zalo_people["Lan"]
        await page.do("says", chat="zalo_person", text="chào")
        button = {"title": "1. Phí", "type": "oa.query.hide", "payload": "#vn:a1"}
        link = {"title": "Xem", "type": "oa.open.url", "payload": {"url": "https://vnnic.vn"}}
        payload = {"buttons": [button, link]}
        message = {"text": "Chọn:\n1. Phí", "attachment": {"type": "template", "payload": payload}}
        assert await zalo.send(lan.user_id, message) == 0
        *_, shown = await page.lines("zalo_person")
        assert [row[0]["asks"] for row in shown["rows"]] == [True, False]
        assert await page.do("presses", chat="zalo_person", message=shown["message"], button=1) == ""
        assert "chỉ mở" in await page.do("presses", chat="zalo_person", message=shown["message"], button=2)
        assert room.last_event is not None
        assert room.last_event["message"]["text"] == "#vn:a1"
        texts = [(line["who"], line["text"]) for line in await page.lines("zalo_person")]
        assert texts == [("Lan", "chào"), ("", "Chọn:\n1. Phí"), ("Lan", "[1. Phí]")]

    async def test_tokens_windows_and_groups_go_wrong_on_demand(self, room, page, zalo):
        lan = room.zalo_people["Lan"]
        await page.do("says", chat="zalo_person", text="chào")
        await page.do("faults", name="zalo.silent_3_days")
        assert await zalo.send(lan.user_id, {"text": "x"}) == 0
        assert (await page.lines("zalo_person"))[-1]["billed"]
        await page.do("faults", name="zalo.silent_8_days")
        assert await zalo.send(lan.user_id, {"text": "x"}) == -230
        await page.do("says", chat="zalo_person", text="chào")
        await page.do("faults", name="zalo.token")
        assert await zalo.send(lan.user_id, {"text": "x"}) == -216
        await zalo.renew()
        assert await zalo.send(lan.user_id, {"text": "x"}) == 0
        await page.do("faults", name="zalo.permission")
        with pytest.raises(KeyError):
            await zalo.renew()
        await page.do("faults", name="zalo.group_closed", on=True)
        assert (await page.look())["chats"]["zalo_group"]["notes"]

    async def test_any_code_of_the_table_can_be_had(self, room, page, zalo):
        lan = room.zalo_people["Lan"]
        await page.do("says", chat="zalo_person", text="chào")
        assert (await page.look())["faults"]["codes"].keys() == {str(code) for code in CODES}
        await page.do("faults", name="zalo.code", code=-244, times=2)
        group = {"recipient": {"group_id": room.zalo_group.group_id}, "message": {"text": "x"}}
        headers = {"access_token": zalo.access}
        in_group = await zalo.http.post("/v3.0/oa/group/message", headers=headers, json=group)
        assert in_group.json()["error"] == -244
        assert [await zalo.send(lan.user_id, {"text": "x"}) for _ in range(2)] == [-244, 0]
        assert "bảng" in await page.do("faults", name="zalo.code", code=-1)

    async def test_the_webhook_is_called_with_right_wrong_and_repeated_events(self, room, page):
        received: list[tuple[str, str]] = []

        async def product(scope, receive, send) -> None:
            request = Request(scope, receive)
            body = await request.json()
            received.append((body.get("event_name", ""), request.headers.get("x-zevent-signature", "")))
            await Response()(scope, receive, send)

        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=product))
        assert await room.zalo.webhook.save(client, HOOK)
        await page.do("faults", name="zalo.follows")
        await page.do("says", chat="zalo_group", text="giá?", who="Minh")
        await page.do("faults", name="zalo.again")
        await page.do("faults", name="zalo.wrong_signature")
        await page.do("sends", chat="zalo_person", kind="photo")
        await page.do("faults", name="zalo.withdraws")
        await room.zalo.webhook.push(client)
        names = [name for name, _ in received]
        assert names == [
            "",
            "follow",
            "user_send_group_text",
            "user_send_group_text",
            "user_send_image",
            "user_withdraw",
        ]
        assert received[4][1] == "mac=" + "0" * 64 != received[3][1]
        await page.do("faults", name="zalo.webhook_off")
        assert (await page.look())["webhook"] == {"saved": True, "on": False, "waiting": 0}


class TestBoth:
    async def test_what_is_sent_now_can_carry_yesterdays_time(self, room, page, bot, clock):
        await page.do("faults", name="both.old")
        await page.do("says", chat="telegram_person", text="chào")
        await page.do("says", chat="zalo_person", text="chào")
        (update,) = await bot.get_updates()
        assert room.last_event is not None
        for sent_at in (update.message.date.timestamp(), int(room.last_event["timestamp"]) / 1000):
            assert clock.now().timestamp() - sent_at > 24 * 3600

    async def test_every_call_can_be_looked_at_raw(self, room, page, bot, zalo):
        await page.do("says", chat="telegram_person", text="chào")
        await bot.send_message(room.telegram_people["Lan"].user_id, "đáp")
        calls = (await page.look())["calls"]
        assert {(call["platform"], call["way"], call["name"]) for call in calls} == {
            ("telegram", "→", "update"),
            ("telegram", "←", "sendMessage"),
            ("zalo", "←", "/v4/oa/access_token"),
        }
        sent = next(call for call in calls if call["name"] == "sendMessage")
        assert (sent["raw"]["asked"]["text"], sent["raw"]["answer"]["text"]) == ("đáp", "đáp")

    async def test_the_digest_tells_whether_anything_is_new(self, page):
        seen = (await page.look())["digest"]
        assert (await page.http.get(f"/control/state?seen={seen}")).status_code == 204
        await page.do("says", chat="zalo_person", text=HOSTILE)
        assert (await page.http.get(f"/control/state?seen={seen}")).json()["digest"] != seen

    @pytest.mark.parametrize("name", [name for name, thing in THINGS.items() if isinstance(thing, Next)])
    async def test_every_fault_of_one_call_can_be_scripted(self, page, name):
        assert await page.do("faults", name=name, times=2) == ""
        assert (await page.look())["faults"]["waiting"] == 2

    async def test_the_webhooks_address_is_not_saved_before_the_product_answers(self, room):
        stopping = asyncio.Event()
        delivering = asyncio.create_task(room.deliver(HOOK, stopping))
        await room.zalo.until(lambda: bool(room.zalo.webhook.attempts))
        stopping.set()
        await delivering
        assert (room.zalo.webhook.url, room.zalo.webhook.attempts[0].status) == ("", None)


class TestRefusals:
    @pytest.mark.parametrize(
        ("deed", "fields"),
        [
            ("says", {"chat": "nobody", "text": "x"}),
            ("says", {"chat": "telegram_person", "text": " "}),
            ("says", {"chat": "telegram_person", "text": "x" * 10_001}),
            ("says", {"chat": "telegram_person", "text": "x", "who": "Minh"}),
            ("says", {"chat": "telegram_person", "text": ["x"]}),
            ("says", {"chat": "telegram_person", "text": "x", "reply_to": 99}),
            ("says", {"chat": "telegram_person"}),
            ("says", {"chat": "telegram_person", "text": "x", "html": "x"}),
            ("sends", {"chat": "zalo_person", "kind": "blocks"}),
            ("presses", {"chat": "telegram_person", "message": 1, "button": 1}),
            ("presses", {"chat": "zalo_person", "message": -1, "button": 1}),
            ("presses", {"chat": "zalo_person", "message": 0, "button": True}),
            ("faults", {"name": "nothing"}),
            ("faults", {"name": "telegram.flood", "times": 0}),
            ("faults", {"name": "telegram.flood", "times": 21}),
            ("faults", {"name": "zalo.again"}),
            ("calm", {"name": "x"}),
        ],
    )
    async def test_a_deed_that_cannot_be_is_told_in_a_sentence(self, room, page, deed, fields):
        told = await page.do(deed, **fields)
        assert told.endswith(".")
        assert (await page.look())["calls"] == []

    @pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 60_000, b" " * 70_000])
    async def test_what_is_no_object_is_refused(self, page, content):
        headers = {"Content-Type": "application/json"}
        assert (await page.http.post("/control/says", content=content, headers=headers)).status_code == 400

    async def test_another_site_can_neither_post_nor_look(self, page):
        fields = '{"chat": "telegram_person", "text": "x"}'
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            answer = await page.http.post("/control/says", content=fields, headers={"Content-Type": content_type})
            assert answer.status_code == 400
        rebound = await page.http.get("/control/state", headers={"Host": "evil.example"})
        assert rebound.status_code == 400
        assert "access-control-allow-origin" not in rebound.headers

    async def test_another_deed_and_another_file_are_not_there(self, page):
        assert (await page.http.post("/control/resets", json={})).status_code == 404
        for path in ("/control.py", "/..%2fcontrol.py", "/index.htm"):
            assert (await page.http.get(path)).status_code == 404

    async def test_the_page_has_the_products_own_policy(self, page):
        for path in ("/", "/page.js", "/page.css"):
            answer = await page.http.get(path)
            assert answer.status_code == 200
            assert "default-src 'none'; script-src 'self'" in answer.headers["Content-Security-Policy"]
