"""``hiendien chat`` when answers are late, lost or refused; the everyday case is in `test_running_product`."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.browser.fake_chat import COST, FakeChat
from tests.cli.command import run, the_sentence
from tests.fixtures.database import free_port


class FakeChatThatCountsTheWait(FakeChat):
    """The scripted server, answering a fetch that does not want to wait at once."""

    async def _long_poll(self, request: Request) -> Response:
        conversation = self._conversations[request.path_params["conversation_id"]]
        if float(request.query_params["wait"]) > 0:
            return await super()._long_poll(request)
        after = int(request.query_params["after"])
        return JSONResponse({"replies": conversation.replies[after:], "cursor": str(len(conversation.replies))})


@pytest.fixture
def fake_chat() -> Iterator[FakeChat]:
    with FakeChatThatCountsTheWait().serve() as fake:
        yield fake


def chat(tmp_path, fake, *lines):
    ended = run(tmp_path, "chat", "--url", fake.url, typed="".join(f"{line}\n" for line in lines))
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_an_answer_that_comes_later_is_fetched_and_shown_once(tmp_path, fake_chat):
    fake_chat.faults = ["answered_later"]
    shown = chat(tmp_path, fake_chat, "giá bao nhiêu", "")
    assert shown.count(COST["text"].splitlines()[0]) == 1
    assert fake_chat.texts == ["giá bao nhiêu"]


@pytest.mark.parametrize("fault", ["answer_lost", "dropped"])
def test_a_message_whose_answer_is_lost_is_sent_again_as_the_same_message(tmp_path, fake_chat, fault):
    fake_chat.faults = [fault]
    shown = chat(tmp_path, fake_chat, "giá bao nhiêu")
    assert shown.count(COST["text"].splitlines()[0]) == 1
    assert fake_chat.texts == ["giá bao nhiêu"]
    first, second = fake_chat.attempts
    assert first["message_id"] == second["message_id"]
    assert len(first["message_id"]) >= 32


def test_two_messages_alike_are_two(tmp_path, fake_chat):
    chat(tmp_path, fake_chat, "giá bao nhiêu", "giá bao nhiêu")
    assert fake_chat.texts == ["giá bao nhiêu", "giá bao nhiêu"]


def test_a_number_presses_the_button_that_was_shown(tmp_path, fake_chat):
    chat(tmp_path, fake_chat, "giá bao nhiêu", "1", "7")
    assert fake_chat.texts == ["giá bao nhiêu", "check_eligibility", "7"]


def test_a_refusal_is_told_and_the_talk_goes_on(tmp_path, fake_chat):
    fake_chat.faults = [429]
    shown = chat(tmp_path, fake_chat, "chào", "giá bao nhiêu")
    assert "Scripted fault" in shown
    assert COST["text"].splitlines()[0] in shown


def test_without_a_running_assistant_it_says_how_to_start_it(tmp_path):
    ended = run(tmp_path, "chat", "--url", f"http://127.0.0.1:{free_port()}", typed="chào\n")
    assert "make run" in the_sentence(ended)


def test_an_address_that_is_none_is_named(tmp_path):
    assert "http://here:port" in the_sentence(run(tmp_path, "chat", "--url", "http://here:port", typed="chào\n"))
