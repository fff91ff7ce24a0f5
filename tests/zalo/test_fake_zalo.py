"""The fake, held against the channels' reference: its recorded payloads, its codes, its limits and its webhook."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.core.deliveries.errors import NotSentError, OutcomeUnknownError, SlowDownError
from bot.gateway.zalo.authorising import Permission
from bot.gateway.zalo.client import ZaloClient
from bot.gateway.zalo.events import Ignored, read_event
from bot.gateway.zalo.signature import is_signed
from tests.telegram.fake_faults import Slow
from tests.zalo.fake_wire import CODES, encode, sign
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, FakeZalo

RECORDED_AT = datetime.fromtimestamp(1_780_000_000, UTC)
PNG, GIF, PDF = b"\x89PNG\r\n", b"GIF89a", b"%PDF-1.7"
HOOK = "https://hien-dien.test/webhooks/zalo"
BACK = "https://hien-dien.test/zalo/callback"


@pytest.fixture
async def http(zalo: FakeZalo):
    async with httpx.AsyncClient(transport=zalo.transport(), base_url=zalo.url) as client:
        yield client


@pytest.fixture
async def api(zalo, http) -> Api:
    """The open API with a good token, as any client of it would call it."""
    api = Api(http)
    await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh)
    return api


class Api:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.access = ""
        self.headers: dict[str, str] = {}

    async def exchange(self, *, secret: str = APP_SECRET, **fields: str) -> dict[str, Any]:
        answer = await self.http.post(
            "/v4/oa/access_token", headers={"secret_key": secret}, data={"app_id": APP_ID} | fields
        )
        told = answer.json()
        self.access = told.get("access_token", self.access)
        return told

    async def post(self, path: str, body: Any = None, **options: Any) -> dict[str, Any]:
        headers = {"access_token": self.access} | self.headers
        answer = await self.http.post(path, headers=headers, json=body, **options)
        assert answer.status_code == 200
        return answer.json()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = await self.http.get(path, headers={"access_token": self.access}, params=query)
        return answer.json()

    async def say(self, user_id: str, message: dict[str, Any] | str = "chào", **more: Any) -> dict[str, Any]:
        message = {"text": message} if isinstance(message, str) else message
        return await self.post("/v3.0/oa/message/cs", {"recipient": {"user_id": user_id}, "message": message} | more)

    async def say_in(self, group_id: str, message: dict[str, Any] | str = "chào") -> dict[str, Any]:
        message = {"text": message} if isinstance(message, str) else message
        return await self.post("/v3.0/oa/group/message", {"recipient": {"group_id": group_id}, "message": message})

    async def upload(self, kind: str, content: bytes) -> dict[str, Any]:
        return await self.post(f"/v2.0/oa/upload/{kind}", files={"file": ("tep", content)})


def with_buttons(*buttons: dict[str, Any], **payload: Any) -> dict[str, Any]:
    return {
        "text": "Chọn",
        "attachment": {"type": "template", "payload": {"buttons": list(buttons), **payload}},
    }


def button(title: str = "1. Phí", **members: Any) -> dict[str, Any]:
    return {"title": title, "type": "oa.query.hide", "payload": "#vn:a1"} | members


def media(**element: Any) -> dict[str, Any]:
    payload = {"template_type": "media", "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}


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


class TestTokens:
    async def test_a_pair_lasts_25_hours_told_as_a_string_and_a_refresh_token_gives_one_more(self, zalo, http):
        api = Api(http)
        first = zalo.tokens.refresh
        told = await api.exchange(grant_type="refresh_token", refresh_token=first)
        assert (told["expires_in"], told["refresh_token"] != first) == ("90000", True)
        again = await api.exchange(grant_type="refresh_token", refresh_token=first)
        assert again["error"] == -14014
        assert (await api.exchange(grant_type="refresh_token", refresh_token=told["refresh_token"]))["access_token"]

    @pytest.mark.parametrize("code", [-14020, -14014, -118])
    async def test_a_used_token_is_refused_as_either_report_says(self, zalo, http, code):
        zalo.tokens.used_up_code = code
        assert (await Api(http).exchange(grant_type="refresh_token", refresh_token="used"))["error"] == code

    async def test_both_tokens_end(self, zalo, api, clock, lan):
        lan.says("chào")
        clock.advance(hours=25, seconds=1)
        assert (await api.say(lan.user_id))["error"] == -220
        clock.advance(days=90)
        assert (await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh))["error"] == -14014

    async def test_the_access_token_before_works_no_more(self, zalo, api, lan):
        lan.says("chào")
        before = api.access
        await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh)
        assert (await api.say(lan.user_id))["error"] == 0
        api.access = before
        assert (await api.say(lan.user_id))["error"] == -216

    async def test_only_the_app_itself_exchanges(self, zalo, http):
        refresh = zalo.tokens.refresh
        for wrong in ({"secret": "x"}, {"app_id": "2"}, {"grant_type": "password"}):
            told = await Api(http).exchange(**({"grant_type": "refresh_token", "refresh_token": refresh} | wrong))
            assert told["error"] < 0
        assert zalo.tokens.exchanges == 0

    async def test_an_administrators_permission_gives_a_code_for_ten_minutes_and_once(self, zalo, http, clock):
        verifier = "v" * 43
        challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {"app_id": APP_ID, "redirect_uri": BACK, "code_challenge": challenge, "state": "s"}
        codes = []
        for _ in range(3):
            led = await http.get(f"/v4/oa/permission?{urlencode(asked)}")
            query = parse_qs(urlsplit(led.headers["location"]).query)
            assert (led.status_code, query["state"], query["oa_id"]) == (302, ["s"], [OA_ID])
            codes += query["code"]
        api, proof = Api(http), {"grant_type": "authorization_code", "code_verifier": verifier}
        assert (await api.exchange(code=codes[0], **proof))["access_token"]
        assert (await api.exchange(code=codes[0], **proof))["error"] == -14015
        assert (await api.exchange(code=codes[1], **(proof | {"code_verifier": "w" * 43})))["error"] == -14015
        clock.advance(minutes=11)
        assert (await api.exchange(code=codes[2], **proof))["error"] == -14015

    async def test_the_products_own_way_to_permission_works(self, zalo, http):
        asked = Permission.ask()
        address = asked.address(oauth_url=zalo.oauth_url, app_id=APP_ID, redirect_uri=BACK)
        led = await http.get(address)
        client = ZaloClient(http, zalo.url, zalo.oauth_url, APP_ID, APP_SECRET)
        pair = await client.exchange_code(asked.read_answer(led.headers["location"]), asked.verifier)
        assert (pair.access, pair.refresh) == (zalo.tokens.access, zalo.tokens.refresh)

    async def test_a_proof_of_the_secret_must_be_right_where_there_is_one(self, api, lan):
        lan.says("chào")
        api.headers = {"appsecret_proof": hmac.new(APP_SECRET.encode(), api.access.encode(), "sha256").hexdigest()}
        assert (await api.say(lan.user_id))["error"] == 0
        api.headers = {"appsecret_proof": "0" * 64}
        assert (await api.say(lan.user_id))["error"] == -242


class TestSending:
    @pytest.fixture(autouse=True)
    def spoken(self, lan):
        lan.says("chào")

    async def test_what_was_sent_is_named_and_shown(self, api, lan, clock):
        told = await api.say(lan.user_id, with_buttons(button(), button("2. Hạn")))
        (sent,) = lan.seen
        assert (told["error"], told["data"]["message_id"], sent.text, len(sent.buttons)) == (
            0,
            sent.message_id,
            "Chọn",
            2,
        )
        assert told["data"]["quota"] == {"quota_type": "reply"}
        assert lan.presses(2)["message"]["text"] == "#vn:a1"

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            ("ư" * 2001, -210),
            (with_buttons(*[button()] * 6), -210),
            (with_buttons(button("a" * 101)), -210),
            (with_buttons(button(payload="a" * 1001)), -210),
            (with_buttons(button(type="oa.open.sms", payload={"content": "a" * 161, "phone_code": "84"})), -210),
            (with_buttons(button(type="oa.open.else")), -201),
            (with_buttons(button(color="red")), -201),
            (with_buttons(button(), template_type="list"), -201),
            ({"text": "x", "parse_mode": "HTML"}, -201),
            ({"text": 1}, -201),
            ({}, -201),
            ({"text": ""}, -201),
            ({"text": "x", "attachment": {"type": "video", "payload": {}}}, -201),
            (media(media_type="image"), -201),
            (media(media_type="gif", url="https://x.test/x"), -201),
            (media(media_type="image", attachment_id="forgotten"), -100),
            ({"attachment": {"type": "file", "payload": {"token": "forgotten"}}}, -100),
        ],
    )
    async def test_what_zalo_refuses_is_refused(self, api, lan, message, code):
        assert (await api.say(lan.user_id, message))["error"] == code
        assert lan.seen == []

    async def test_unknown_fields_and_what_is_no_object_are_refused(self, api, lan):
        assert (await api.say(lan.user_id, silent=True))["error"] == -201
        assert (await api.post("/v3.0/oa/message/cs", [1]))["error"] == -201
        assert (await api.post("/v3.0/oa/message/cs", {"recipient": {}, "message": {"text": "x"}}))["error"] == -201

    @pytest.mark.parametrize(
        "message",
        ["ư" * 2000, with_buttons(*[button("a" * 100, payload="a" * 1000)] * 5, template_type="button")],
    )
    async def test_what_just_fits_is_sent(self, api, lan, message):
        assert (await api.say(lan.user_id, message))["error"] == 0

    async def test_a_bad_token_is_named_before_all_else(self, api, lan):
        api.access = "x"
        assert (await api.say(lan.user_id, {}))["error"] == -216

    async def test_two_days_are_free_seven_are_billed_then_nothing_goes(self, api, lan, clock):
        for silence, quota in ((48, "reply"), (49, "purchase_quota"), (7 * 24, "purchase_quota")):
            lan.was_silent_for(hours=silence)
            assert (await api.say(lan.user_id))["data"]["quota"]["quota_type"] == quota
        lan.was_silent_for(days=7, seconds=1)
        assert (await api.say(lan.user_id))["error"] == -230
        assert (await api.say("2000000000000000099"))["error"] == -230
        lan.opens_chat()
        assert (await api.say(lan.user_id))["error"] == 0
        assert [sent.billed for sent in lan.seen] == [False, True, True, False]

    async def test_a_message_can_be_replied_to(self, api, lan):
        first = (await api.say(lan.user_id))["data"]["message_id"]
        body = {"recipient": {"message_id": first}, "message": {"text": "tiếp", "quote_message_id": first}}
        assert (await api.post("/v3.0/oa/message/cs", body))["data"]["user_id"] == lan.user_id

    async def test_pictures_and_files_are_uploaded_first_and_forgotten_after_a_week(self, zalo, api, lan, clock):
        image = (await api.upload("image", PNG))["data"]["attachment_id"]
        gif = (await api.upload("gif", GIF))["data"]["attachment_id"]
        file = (await api.upload("file", PDF))["data"]["token"]
        contents = (
            media(media_type="image", attachment_id=image),
            media(media_type="gif", attachment_id=gif, width=1, height=1),
            {"attachment": {"type": "file", "payload": {"token": file}}},
        )
        for content in contents:
            assert (await api.say(lan.user_id, content))["error"] == 0
        assert [(sent.image, sent.file) for sent in lan.seen] == [(image, None), (gif, None), (None, file)]
        clock.advance(days=7, seconds=1)
        await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh)
        lan.says("chào")
        for content in contents:
            assert (await api.say(lan.user_id, content))["error"] == -100

    @pytest.mark.parametrize(
        ("kind", "content", "code"),
        [
            ("image", GIF, -201),
            ("image", PNG + bytes(1024 * 1024), -210),
            ("gif", PNG, -201),
            ("file", b"MZ\x00", -201),
            ("file", "tên,giá\n".encode(), 0),
        ],
    )
    async def test_uploads_have_their_kinds_and_sizes(self, api, kind, content, code):
        assert (await api.upload(kind, content))["error"] == code

    async def test_uploads_are_counted_by_the_month(self, zalo, api, clock):
        zalo.uploads.most_a_month = 1
        codes = [(await api.upload(kind, content))["error"] for kind, content in (("image", PNG), ("image", PNG))]
        assert codes == [0, -211]
        assert (await api.upload("gif", GIF))["error"] == 0

    async def test_a_form_without_its_file_is_refused(self, api):
        assert (await api.post("/v2.0/oa/upload/image", files={"picture": ("x", PNG)}))["error"] == -201


class TestGroups:
    async def test_take_text_and_pictures_but_no_buttons(self, zalo, api):
        group = zalo.group()
        image = (await api.upload("image", PNG))["data"]["attachment_id"]
        assert (await api.say_in(group.group_id))["error"] == 0
        assert (await api.say_in(group.group_id, media(media_type="image", attachment_id=image)))["error"] == 0
        assert (await api.say_in(group.group_id, with_buttons(button())))["error"] == -233
        assert (await api.say_in(group.group_id, "ư" * 2001))["error"] == -210
        assert (group.texts, [bool(sent.image) for sent in group.seen]) == (["chào", ""], [False, True])

    async def test_that_are_closed_take_nothing(self, zalo, api):
        group = zalo.group()
        group.group_is = "disabled"
        assert (await api.say_in(group.group_id))["error"] == -237
        group.dismisses()
        assert (await api.say_in(group.group_id))["error"] == -403
        assert (await api.say_in("5000000000000000099"))["error"] == -403

    async def test_who_writes_there_has_interacted(self, zalo, api, lan):
        lan.says("giá?", where=zalo.group())
        assert (await api.say(lan.user_id))["error"] == 0


class TestPeopleAndTheAccount:
    async def test_a_followers_profile_is_given_and_nobody_elses(self, api, lan, clock):
        asked = json.dumps({"user_id": lan.user_id})
        assert (await api.get("/v3.0/oa/user/detail", data=asked))["error"] == -213
        lan.follows()
        told = (await api.get("/v3.0/oa/user/detail", data=asked))["data"]
        assert (told["display_name"], told["user_is_follower"]) == ("Lan", True)
        assert told["user_last_interaction_date"] == clock.now().strftime("%d/%m/%Y")
        assert (await api.get("/v3.0/oa/user/detail", data='{"user_id": "1"}'))["error"] == -201
        assert (await api.get("/v3.0/oa/user/detail"))["error"] == -201

    async def test_the_quota_tells_the_last_interaction(self, api, lan, clock):
        lan.says("chào")
        told = await api.post("/v3.0/oa/quota/message", {"user_id": lan.user_id})
        assert told["data"]["last_interaction"] == clock.now().strftime("%d/%m/%Y")
        assert {"cs_reply", "promotion"} <= told["data"].keys()
        assert (await api.post("/v3.0/oa/quota/message", {"user_id": "1"}))["error"] == -201

    async def test_the_account_tells_its_name(self, api):
        assert (await api.get("/v2.0/oa/getoa"))["data"]["oa_id"] == OA_ID

    async def test_another_path_is_not_there(self, http):
        assert (await http.get("/v2.0/oa/getprofile")).status_code == 404


class TestFaults:
    @pytest.fixture(autouse=True)
    def spoken(self, lan):
        lan.says("chào")

    @pytest.mark.parametrize("code", sorted(CODES))
    async def test_every_code_of_the_table_comes_with_http_200_and_nothing_done(self, zalo, api, lan, code):
        zalo.let("message/cs", "works", code)
        answers = [await api.say(lan.user_id) for _ in range(3)]
        assert [answer["error"] for answer in answers] == [0, code, 0]
        assert len(lan.seen) == 2

    async def test_4000_calls_a_minute_are_counted_down_in_the_headers(self, zalo, http, api, clock):
        assert zalo.calls_a_minute == 4000
        zalo.calls_a_minute = 2
        headers = {"access_token": api.access}
        answers = [await http.get("/v2.0/oa/getoa", headers=headers) for _ in range(3)]
        assert [answer.json()["error"] for answer in answers] == [0, 0, -32]
        assert [answer.headers.get("X-RateLimit-Remain") for answer in answers[:2]] == ["1", "0"]
        assert answers[0].headers["X-RateLimit-Limit"] == "2"
        clock.advance(minutes=1)
        assert (await http.get("/v2.0/oa/getoa", headers=headers)).json()["error"] == 0

    async def test_a_scripted_rate_limit_has_its_headers_too(self, zalo, http, api):
        zalo.let("getoa", -32)
        answer = await http.get("/v2.0/oa/getoa", headers={"access_token": api.access})
        assert (answer.json()["error"], answer.headers["X-RateLimit-Remain"]) == (-32, "0")

    @pytest.mark.parametrize(
        ("fault", "error", "shown"),
        [
            ("answer_lost", httpx.RemoteProtocolError, 1),
            ("timed_out", httpx.ReadTimeout, 1),
            ("dropped", httpx.RemoteProtocolError, 0),
            ("unreachable", httpx.ConnectError, 0),
        ],
    )
    async def test_a_connection_is_cut_before_or_after(self, zalo, api, lan, fault, error, shown):
        zalo.let("message/cs", fault)
        with pytest.raises(error):
            await api.say(lan.user_id)
        assert len(lan.seen) == shown

    @pytest.mark.parametrize(
        ("fault", "raised"),
        [("answer_lost", OutcomeUnknownError), ("unreachable", NotSentError), (-32, SlowDownError)],
    )
    async def test_the_products_client_reads_them_so(self, zalo, http, api, lan, fault, raised):
        client = ZaloClient(http, zalo.url, zalo.oauth_url, APP_ID, APP_SECRET)
        zalo.let("message/cs", fault)
        with pytest.raises(raised):
            await client.send_message(api.access, lan.user_id, {"text": "x"})

    @pytest.mark.parametrize(("fault", "status"), [("http_401", 401), ("http_500", 500), ("not_json", 200)])
    async def test_http_itself_may_say_no(self, zalo, http, api, fault, status):
        zalo.let("getoa", fault)
        answer = await http.get("/v2.0/oa/getoa", headers={"access_token": api.access})
        assert answer.status_code == status

    @pytest.mark.parametrize("carried_out", [True, False])
    async def test_a_call_can_be_held_and_given_up(self, zalo, api, lan, carried_out):
        hold = zalo.holds("message/cs", carried_out=carried_out)
        sending = asyncio.create_task(api.say(lan.user_id))
        await zalo.until(lambda: hold.reached)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert len(lan.seen) == carried_out

    async def test_a_slow_call_is_carried_out(self, zalo, api, lan):
        zalo.let("message/cs", Slow(0.01))
        assert (await api.say(lan.user_id))["error"] == 0

    async def test_on_a_port_it_is_the_same(self, zalo, lan):
        with zalo.serve():
            async with httpx.AsyncClient(base_url=zalo.url, trust_env=False) as http:
                api = Api(http)
                await api.exchange(grant_type="refresh_token", refresh_token=zalo.tokens.refresh)
                zalo.let("message/cs", "answer_lost", "dropped")
                for _ in range(2):
                    with pytest.raises(httpx.RemoteProtocolError):
                        await api.say(lan.user_id)
        assert lan.texts == ["chào"]
        assert [call.status for call in zalo.calls] == [200, None, None]
        assert zalo.calls[1].asked["message"] == {"text": "chào"}


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
