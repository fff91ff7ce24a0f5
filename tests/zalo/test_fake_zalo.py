"""The fake, held against the channels' reference: its tokens, its limits and its codes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from bot.core.deliveries.errors import NotSentError, OutcomeUnknownError, SlowDownError
from bot.gateway.zalo.authorising import Permission
from bot.gateway.zalo.client import ZaloClient
from tests.telegram.fake_faults import Slow
from tests.zalo.fake_wire import CODES
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_ID
from tests.zalo.open_api import Api, button, media, with_buttons

PNG, GIF, PDF = b"\x89PNG\r\n", b"GIF89a", b"%PDF-1.7"
BACK = "https://hien-dien.test/zalo/callback"


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
