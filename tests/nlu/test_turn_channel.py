"""The turn channel of the real server, with the product's own actions."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tests.nlu.conftest import NluProcess

pytestmark = pytest.mark.nlu_server

TURN = "/webhooks/turn/webhook"
FORM = "eligibility_form"


@pytest.fixture(scope="module")
def http(nlu_server):
    with httpx.Client(base_url=nlu_server, timeout=20, trust_env=False) as client:
        yield client


class Dialogue:
    """One citizen's dialogue; the state is kept here, as the product keeps it."""

    def __init__(self, http):
        self.http = http
        self.state = {}

    def say(self, text):
        return self._turn(message=text)

    def press(self, intent, **entities):
        return self._turn(press={"intent": intent, "entities": entities})

    def _turn(self, **what):
        response = self.http.post(TURN, json=turn(state=self.state, **what))
        assert response.status_code == 200, response.text
        self.answer = response.json()
        self.state = self.answer["state"]
        return [message["custom"] for message in self.answer["messages"]]


def turn(message=None, press=None, state=None, **more):
    return {
        "turn_id": "turn-1",
        "message": message,
        "press": press,
        "channel": "web",
        "metadata": {},
        "state": state or {},
        **more,
    }


@pytest.fixture
def dialogue(http):
    return Dialogue(http)


def topics(replies):
    return [reply["topic"] for reply in replies]


@pytest.mark.parametrize("text", ["giá bao nhiêu vậy", "gia bao nhieu vay"])
def test_a_question_is_answered_with_and_without_accents(dialogue, text):
    assert topics(dialogue.say(text)) == ["ask_cost"]
    assert dialogue.answer["understood"]["intent"] == "ask_cost"
    assert dialogue.state == {"active_loop": None, "slots": {}}


def test_a_question_without_an_answer_yet_says_so(dialogue):
    (reply,) = dialogue.say("cho xem bản tin mới nhất")
    assert (reply["topic"], reply["template"]) == ("ask_bulletin_latest", "unanswered")


def test_a_message_with_everything_in_it_is_judged_at_once(dialogue):
    (reply,) = dialogue.say("em 20 tuổi đăng ký id.vn được không")
    assert reply["topic"] == "check_eligibility"
    assert reply["facts"]["group"] == "in_group"
    assert dialogue.state["active_loop"] is None


def test_the_form_answers_a_side_question_and_goes_on(dialogue):
    assert topics(dialogue.press("check_eligibility")) == [FORM]
    assert topics(dialogue.say("miễn phí mấy năm")) == ["ask_duration", FORM]
    assert topics(dialogue.say("id.vn")) == [FORM]
    assert topics(dialogue.say("20 năm nữa thì sao")) == ["ask_renewal", FORM]
    assert topics(dialogue.say("20")) == ["check_eligibility"]


def test_the_product_can_be_changed_in_the_middle(dialogue):
    dialogue.press("check_eligibility")
    (about_firm,) = dialogue.say("biz.vn")
    (about_person,) = dialogue.say("à không, id.vn mới đúng")
    assert [about_firm["template"], about_person["template"]] == ["eligibility_ask_founding", "eligibility_ask_age"]


def test_a_correction_after_the_verdict_is_judged_again(dialogue):
    dialogue.say("em 20 tuổi đăng ký id.vn được không")
    (reply,) = dialogue.say("à nhầm, 25 tuổi")
    assert (reply["facts"]["group"], reply["facts"]["corrected"]) == ("not_in_group", True)


def test_a_correction_that_opens_a_question_opens_the_form(dialogue):
    dialogue.say("em 20 tuổi đăng ký id.vn được không")
    (question,) = dialogue.say("à biz.vn")
    assert question["template"] == "eligibility_ask_founding"
    (verdict,) = dialogue.say("mới mở 3 tháng")
    assert verdict["facts"]["reason"] == "founded_within"


def test_three_unusable_answers_bring_choices(dialogue):
    dialogue.press("check_eligibility")
    dialogue.press("inform", product="id.vn")
    for words in ("con mèo màu vàng", "xcvb qwer", "mai đi chợ mua cá"):
        (reply,) = dialogue.say(words)
    assert reply["facts"]["as_choices"] is True


def test_stopping_and_starting_over_leave_the_form(dialogue):
    dialogue.press("check_eligibility")
    (stopped,) = dialogue.press("cancel")
    assert (stopped["topic"], stopped["facts"]) == ("cancel", {"in_form": True})
    assert dialogue.state == {"active_loop": None, "slots": {}}
    dialogue.press("check_eligibility")
    assert topics(dialogue.press("start_over")) == ["start_over"]
    assert dialogue.state == {"active_loop": None, "slots": {}}


def test_what_is_not_understood_gets_two_topics(dialogue):
    (reply,) = dialogue.say("hôm nay trời mưa không")
    assert reply["topic"] == "out_of_scope"
    assert len(reply["buttons"]) == 2


def test_a_lone_thumb_is_a_yes(dialogue):
    dialogue.say("👍")
    assert dialogue.answer["understood"]["intent"] == "affirm"


def test_every_message_is_a_reply_and_never_text(http):
    for message in http.post(TURN, json=turn("chào bạn")).json()["messages"]:
        assert set(message) == {"custom"}
        assert {"topic", "template", "facts", "buttons", "sources", "picture"} == set(message["custom"])


def test_a_replay_gives_the_same_answer(http):
    state = {"active_loop": FORM, "slots": {"product": "id.vn", "requested_slot": "age", "failures": 2}}
    asked = turn("mai đi chợ", state=state)
    assert http.post(TURN, json=asked).json() == http.post(TURN, json=asked).json()


def test_nothing_is_remembered_between_turns(http):
    before = http.post(TURN, json=turn("biz.vn")).json()
    http.post(TURN, json=turn("em 20 tuổi đăng ký id.vn được không"))
    assert http.post(TURN, json=turn("biz.vn")).json() == before
    assert "age" not in before["state"]["slots"]


def test_slots_and_forms_of_another_release_are_left_out(http):
    state = {
        "active_loop": "form_of_an_older_release",
        "slots": {"colour": "red", "age": "old", "session_started_metadata": "x"},
    }
    answer = http.post(TURN, json=turn("giá bao nhiêu vậy", state=state)).json()
    assert answer["state"] == {"active_loop": None, "slots": {"age": "old"}}


@pytest.mark.parametrize(
    "body",
    [
        turn(),
        turn("chào", press={"intent": "greet", "entities": {}}),
        turn("   "),
        turn("/restart"),
        turn("  /session_start"),
        turn('/inform{"age": 20}'),
        turn("x" * 2_001),
        turn(press={"intent": "restart", "entities": {}}),
        turn(press={"intent": "session_start", "entities": {}}),
        turn(press={"intent": "no_such_intent", "entities": {}}),
        turn(press={"intent": "inform", "entities": {"password": "x"}}),
        turn(press={"intent": "inform", "entities": {"age": ["20"]}}),
        turn(press="inform"),
        turn("chào", state=[]) | {"state": ["x"]},
        turn("chào", state={"slots": {"age": {"nested": 1}}}),
        turn("chào") | {"turn_id": None},
        turn("chào") | {"channel": 5},
        ["turn"],
    ],
)
def test_what_is_no_turn_is_refused_with_a_problem(http, body):
    response = http.post(TURN, json=body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


@pytest.mark.parametrize("path", [TURN, "/model/parse"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": 5}', b"\xff", b"[" * 100_000, b'{"a":' * 50_000])
def test_what_is_not_json_or_nested_too_deep_is_refused(http, path, body):
    assert http.post(path, content=body).status_code == 400


def test_the_longest_message_is_answered_and_parsed_and_no_longer_one(http):
    longest = "giá bao nhiêu vậy " + "x" * (2_000 - len("giá bao nhiêu vậy "))
    assert http.post(TURN, json=turn(longest)).status_code == 200
    assert http.post("/model/parse", json={"text": longest}).status_code == 200
    assert http.post("/model/parse", json={"text": longest + "x"}).status_code == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/model"),
        ("DELETE", "/model"),
        ("POST", "/model/train"),
        ("GET", "/domain"),
        ("POST", "/conversations/x/messages"),
        ("GET", "/conversations/x/tracker"),
        ("POST", "/webhooks/rest/webhook"),
    ],
)
def test_the_rest_of_rasa_s_api_is_closed(http, method, path):
    assert http.request(method, path, json={}).status_code == 404


def test_parsing_is_open_and_tells_positions_in_the_text_as_sent(http):
    parsed = http.post("/model/parse", json={"text": "em 20 tuổi, quán ở chợ"}).json()
    found = [(entity["entity"], entity["value"], entity["start"], entity["end"]) for entity in parsed["entities"]]
    assert found == [("age", 20, 3, 10), ("subject", "household_business", 12, 16)]


def test_a_stopped_or_failing_listener_leaves_the_answer_empty(nlu_python, model, tmp_path):
    class Failing(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_error(500)

        def log_message(self, *args):
            pass

    listener = HTTPServer(("127.0.0.1", 0), Failing)
    thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{listener.server_port}/internal/actions"
    secret = "tên tôi là Nguyễn Văn Mẫu"
    asked = turn(f"{secret}, giá bao nhiêu vậy")
    with NluProcess(nlu_python, model, url, tmp_path / "nlu.log") as server:
        server.wait_until_ready()
        raised = httpx.post(server.url + TURN, json=asked, trust_env=False)
        listener.shutdown()
        thread.join()
        listener.server_close()
        gone = httpx.post(server.url + TURN, json=asked, trust_env=False)
    assert [raised.json()["messages"], gone.json()["messages"]] == [[], []]
    log = server.log.read_text("utf-8")
    assert secret not in log
    assert json.dumps(secret) not in log
