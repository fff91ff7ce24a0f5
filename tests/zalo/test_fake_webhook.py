"""What the fake tells a webhook, held against the recorded payloads of the channels' reference."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.gateway.zalo.events import Ignored, read_event
from bot.gateway.zalo.signature import is_signed
from tests.zalo.fake_wire import encode, sign
from tests.zalo.fake_zalo import APP_ID, OA_ID, OA_SECRET
from tests.zalo.open_api import button, with_buttons

RECORDED_AT = datetime.fromtimestamp(1_780_000_000, UTC)
HOOK = "https://hien-dien.test/webhooks/zalo"


class TestRecordedPayloads:
    @pytest.fixture
    def clock(self, clock):
        clock.moment = RECORDED_AT
        return clock

    def test_a_text(self, lan):
        assert lan.says("xin chào") == {
            "app_id": "1000000000000000001",
            "event_name": "user_send_text",
            "timestamp": "1780000000000",
            "sender": {"id": "2000000000000000002"},
            "user_id_by_app": "3000000000000000002",
            "recipient": {"id": "4000000000000000004"},
            "message": {"msg_id": "in-1", "text": "xin chào"},
        }

    def test_a_follower(self, lan):
        assert lan.follows() == {
            "app_id": APP_ID,
            "oa_id": OA_ID,
            "event_name": "follow",
            "timestamp": "1780000000000",
            "follower": {"id": "2000000000000000002"},
            "user_id_by_app": lan.by_app,
            "source": "oa_profile",
        }

    async def test_a_message_that_was_seen(self, zalo, api, lan):
        lan.says("chào")
        for _ in range(2):
            await api.say(lan.user_id)
        names = [sent.message_id for sent in lan.seen]
        assert lan.sees(*lan.seen) == {
            "app_id": APP_ID,
            "event_name": "user_seen_message",
            "timestamp": "1780000000000",
            "sender": {"id": OA_ID},
            "recipient": {"id": lan.user_id},
            "message": {"msg_ids": names},
        }

    def test_one_who_joined_a_group(self, zalo, lan):
        group = zalo.group()
        assert lan.joins(group) == {
            "app_id": APP_ID,
            "oa_id": OA_ID,
            "group_id": group.group_id,
            "event_name": "user_join_group",
            "timestamp": "1780000000000",
            "users": [{"id": lan.user_id}],
        }

    def test_the_parties_stand_where_each_kind_of_event_has_them(self, zalo, lan):
        group = zalo.group()
        said = lan.says("giá?", where=group)
        assert (said["event_name"], said["sender"], said["recipient"], said["oa_id"]) == (
            "user_send_group_text",
            {"id": lan.user_id},
            {"id": group.group_id},
            OA_ID,
        )
        assert lan.opens_chat()["user_id"] == lan.user_id
        told = zalo.human_answers(lan, "Chị đợi em chút")
        assert (told["event_name"], told["sender"]["id"], told["recipient"]["id"]) == (
            "oa_send_text",
            OA_ID,
            lan.user_id,
        )
        assert "admin_id" in told["sender"]
        assert lan.texts == []

    @pytest.mark.parametrize(
        ("kind", "fields"),
        [
            ("image", {"url", "thumbnail"}),
            ("audio", {"url"}),
            ("video", {"url", "thumbnail", "description"}),
            ("sticker", {"id", "url"}),
            ("location", {"coordinates"}),
            ("file", {"url", "name", "size", "type", "checksum"}),
        ],
    )
    def test_attachments_have_their_fields(self, lan, kind, fields):
        event = lan.sends(kind, "xem giúp")
        (attachment,) = event["message"]["attachments"]
        assert (event["event_name"], event["message"]["text"]) == (f"user_send_{kind}", "xem giúp")
        assert (attachment["type"], attachment["payload"].keys()) == (kind, fields)

    def test_the_products_own_reader_finds_nothing_malformed_in_them(self, zalo, lan):
        group = zalo.group()
        events = [lan.says("chào"), lan.follows(), lan.leaves(), lan.opens_chat(), lan.submits_info(), lan.withdraws()]
        events += [lan.sends(kind) for kind in ("image", "business_card", "gif", "link")]
        events += [lan.says("chào", where=group), lan.joins(group), zalo.human_answers(lan, "x"), group.dismisses()]
        for event in events:
            read = read_event(event, encode(event))
            assert read != Ignored("malformed"), event["event_name"]


class Product:
    """A webhook that answers as scripted, else 200, and keeps what it was sent."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.received: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []
        self.silent = False
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self))

    async def __call__(self, scope, receive, send) -> None:
        request = Request(scope, receive)
        self.raw.append(await request.body())
        self.received.append(json.loads(self.raw[-1]))
        self.headers.append(dict(request.headers))
        if self.silent:
            await asyncio.Event().wait()
        status = self.statuses.pop(0) if self.statuses else 200
        await Response(status_code=status)(scope, receive, send)

    @property
    def texts(self) -> list[str]:
        return [event["message"]["text"] for event in self.received if event]


class TestWebhook:
    @pytest.fixture
    async def hooked(self, zalo) -> Product:
        """A product whose address was saved."""
        product = Product()
        assert await zalo.webhook.save(product.client, HOOK)
        product.received.clear()
        product.headers.clear()
        product.raw.clear()
        return product

    async def test_saving_an_address_tries_it_with_an_unsigned_call_that_wants_200(self, zalo, lan):
        refusing = Product(401)
        assert not await zalo.webhook.save(refusing.client, HOOK)
        assert (refusing.received, "x-zevent-signature" in refusing.headers[0]) == ([{}], False)
        lan.says("chào")
        assert zalo.webhook.waiting == []
        assert await zalo.webhook.save(Product().client, HOOK)
        lan.says("chào")
        assert zalo.webhook.waiting == ["user_send_text"]

    async def test_events_come_signed_over_the_bytes_that_are_sent(self, zalo, lan, hooked):
        event = lan.says("xin chào ạ")
        (attempt,) = await zalo.webhook.push(hooked.client)
        shown = hooked.headers[0]["x-zevent-signature"]
        expected = hashlib.sha256(
            APP_ID.encode() + hooked.raw[0] + event["timestamp"].encode() + OA_SECRET.encode()
        ).hexdigest()
        assert (attempt.accepted, shown) == (True, f"mac={expected}")
        assert is_signed(hooked.raw[0], app_id=APP_ID, oa_secret=OA_SECRET, shown=shown)
        assert (hooked.headers[0]["user-agent"], "num_retry" in hooked.headers[0]) == ("ZaloWebhook", False)
        assert await zalo.webhook.push(hooked.client) == []

    @pytest.mark.parametrize(("how", "fits"), [("bare", True), ("upper", True), ("wrong", False), ("missing", False)])
    async def test_events_can_be_proven_otherwise(self, zalo, lan, hooked, how, fits):
        zalo.webhook.how = how
        lan.says("chào")
        await zalo.webhook.push(hooked.client)
        shown = hooked.headers[0].get("x-zevent-signature", "")
        assert is_signed(hooked.raw[0], app_id=APP_ID, oa_secret=OA_SECRET, shown=shown) == fits

    async def test_a_refused_event_comes_five_times_more_and_then_none_at_all(self, zalo, lan, hooked, clock):
        hooked.statuses = [500, 401, 302, 503, 429, 404]
        lan.says("một")
        for seconds in (0, 30, 300, 900, 1800, 3600):
            clock.advance(seconds=seconds - 1)
            if seconds:
                assert await zalo.webhook.push(hooked.client) == []
            clock.advance(seconds=1)
            (attempt,) = await zalo.webhook.push(hooked.client)
            assert not attempt.accepted
        assert len(set(hooked.raw)) == 1, "a retry carries the same bytes"
        assert [headers.get("num_retry") for headers in hooked.headers] == [None, "1", "2", "3", "4", "5"]
        assert not zalo.webhook.is_on
        lan.says("hai")
        assert await zalo.webhook.push(hooked.client) == []
        zalo.webhook.switch_on()
        lan.says("ba")
        await zalo.webhook.push(hooked.client)
        assert hooked.texts[-1] == "ba"

    async def test_an_event_may_be_accepted_late_and_holds_back_no_other(self, zalo, lan, hooked, clock):
        hooked.statuses = [500]
        lan.says("một")
        lan.says("hai")
        await zalo.webhook.push(hooked.client)
        clock.advance(seconds=30)
        await zalo.webhook.push(hooked.client)
        assert hooked.texts == ["một", "hai", "một"]
        assert zalo.webhook.is_on

    async def test_who_does_not_answer_within_the_deadline_has_not_accepted(self, zalo, lan, hooked):
        assert zalo.webhook.deadline_seconds == 2
        zalo.webhook.deadline_seconds = 0.05
        hooked.silent = True
        lan.says("chào")
        (attempt,) = await zalo.webhook.push(hooked.client)
        assert (attempt.status, zalo.webhook.waiting) == (None, ["user_send_text"])

    async def test_events_come_twice_in_another_order_and_at_once(self, zalo, lan, hooked):
        for text in ("một", "hai"):
            lan.says(text)
        await zalo.webhook.push(hooked.client, reverse=True, again=True)
        assert hooked.texts == ["hai", "một", "hai", "một"]
        event = lan.says("ba")
        await zalo.webhook.push(hooked.client, at_once=True)
        await zalo.webhook.post_at_once(hooked.client, [event, event])
        assert hooked.texts[4:] == ["ba"] * 3

    async def test_a_replay_and_a_forgery_are_sent_at_once(self, zalo, lan, hooked):
        event = lan.says("chào")
        await zalo.webhook.push(hooked.client)
        assert (await zalo.webhook.post(hooked.client, event, retry=1)).status_code == 200
        await zalo.webhook.post(hooked.client, b'{"timestamp":"1"}', how="app_secret")
        assert hooked.raw[0] == hooked.raw[1]
        assert hooked.headers[2]["x-zevent-signature"] == sign(hooked.raw[2], how="app_secret")["X-ZEvent-Signature"]

    async def test_the_account_hears_its_own_words(self, zalo, api, lan, hooked):
        lan.says("chào")
        sent = await api.say(lan.user_id, with_buttons(button()))
        zalo.echoes = False
        await api.say(lan.user_id)
        await zalo.webhook.push(hooked.client)
        echo = hooked.received[-1]
        assert [event["event_name"] for event in hooked.received] == ["user_send_text", "oa_send_template"]
        assert (echo["sender"], echo["recipient"]) == ({"id": OA_ID}, {"id": lan.user_id})
        assert echo["message"]["msg_id"] == sent["data"]["message_id"]

    async def test_what_is_on_its_way_for_long_carries_its_own_time(self, zalo, lan, clock):
        clock.advance(hours=3)
        now = int(lan.says("mới")["timestamp"])
        lan.lag = zalo.clock.now() - RECORDED_AT
        assert int(lan.says("cũ")["timestamp"]) == int(RECORDED_AT.timestamp() * 1000) < now
