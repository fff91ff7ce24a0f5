"""What the page does when the server is slow, refuses, fails, disappears or is hostile."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .chat_page import ChatPage
from .fake_chat import FakeChat, Fault, reply

QUESTION = "giá bao nhiêu"


def test_slow_answer_is_announced_and_messages_keep_their_order(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.seconds_to_answer = 0.4
    chat.say("một")
    chat.say("hai")
    expect(chat.page.get_by_text("Trợ lý đang trả lời…")).to_be_visible()
    chat.wait_for_answer(2)

    assert fake_chat.texts == ["một", "hai"]


@pytest.mark.parametrize("fault", [500, 503])
def test_message_after_a_server_error_is_sent_once_on_retry(chat: ChatPage, fake_chat: FakeChat, fault: Fault) -> None:
    fake_chat.faults = [fault]
    chat.say(QUESTION)
    expect(chat.failure).to_contain_text("Hệ thống đang gặp lỗi")

    chat.failure.get_by_role("button", name="Gửi lại").click()
    chat.wait_for_answer(0)

    assert fake_chat.texts == [QUESTION]
    assert len({attempt["message_id"] for attempt in fake_chat.attempts}) == 1
    expect(chat.failure).to_have_count(0)
    expect(chat.own).to_have_count(1)


def test_retried_message_moves_below_what_was_said_since(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.faults = [500]
    chat.say("một")
    expect(chat.failure).to_be_visible()
    chat.ask("hai")
    answered = chat.replies.count()

    chat.failure.get_by_role("button", name="Gửi lại").click()
    chat.wait_for_answer(answered)

    assert fake_chat.texts == ["hai", "một"]
    assert "một" in chat.transcript()[-2]


def test_message_whose_answer_was_lost_is_neither_lost_nor_doubled(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask("một")
    fake_chat.faults = ["answer_lost"]
    answered = chat.replies.count()

    chat.say(QUESTION)
    chat.wait_for_answer(answered)
    expect(chat.failure).to_have_count(0)

    assert len(fake_chat.attempts) == 3
    assert fake_chat.texts == ["một", QUESTION]
    fake_chat.tell("Tin mới.")
    expect(chat.replies.last).to_contain_text("Tin mới")
    expect(chat.replies).to_have_count(answered + 2)


@pytest.mark.parametrize("fault", ["dropped", "sign_in_page"])
def test_message_that_did_not_get_through_is_sent_again_by_itself(
    chat: ChatPage, fake_chat: FakeChat, fault: Fault
) -> None:
    fake_chat.faults = [fault]
    chat.say(QUESTION)
    expect(chat.failure).to_contain_text("tự gửi lại")
    chat.wait_for_answer(0)

    assert fake_chat.texts == [QUESTION]
    expect(chat.failure).to_have_count(0)


def test_message_written_offline_is_sent_once_when_the_network_is_back(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask("một")
    chat.page.context.set_offline(True)
    expect(chat.page.locator("#notice")).to_contain_text("Đang mất mạng")
    answered = chat.replies.count()
    chat.say(QUESTION)
    expect(chat.failure).to_be_visible()
    assert fake_chat.texts == ["một"]

    chat.page.context.set_offline(False)
    chat.wait_for_answer(answered)

    assert fake_chat.texts == ["một", QUESTION]
    expect(chat.replies).to_have_count(answered + 1)
    expect(chat.page.locator("#notice .notice")).to_be_hidden()


def test_unsent_message_survives_a_reload(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.faults = [500]
    chat.say(QUESTION)
    expect(chat.failure).to_be_visible()

    chat.reload()
    chat.failure.get_by_role("button", name="Gửi lại").click()
    chat.wait_for_answer(0)

    assert fake_chat.texts == [QUESTION]


def test_reload_in_the_middle_of_sending_does_not_double(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.seconds_to_answer = 0.5
    chat.say(QUESTION)
    chat.reload()
    chat.wait_for_answer(0)

    assert fake_chat.texts == [QUESTION]
    expect(chat.own).to_have_count(1)
    expect(chat.replies).to_have_count(2)


def test_throttled_message_waits_as_told_and_goes_by_itself(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.faults = [429]
    chat.say(QUESTION)
    expect(chat.failure).to_contain_text("sau 1 giây")
    chat.wait_for_answer(0)

    assert fake_chat.texts == [QUESTION]


def test_refused_message_can_be_rewritten(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.faults = [422]
    chat.say(QUESTION)
    chat.failure.get_by_role("button", name="Viết lại").click()

    expect(chat.box).to_have_value(QUESTION)
    expect(chat.box).to_be_focused()
    expect(chat.own).to_have_count(0)
    chat.page.keyboard.press("Enter")
    chat.wait_for_answer(0)
    assert fake_chat.attempts[0]["message_id"] != fake_chat.attempts[1]["message_id"]


def test_button_the_server_no_longer_knows_can_be_sent_as_words(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask(QUESTION)
    fake_chat.faults = [422]
    chat.choices.first.click()
    expect(chat.failure).to_contain_text("Nút này không dùng được nữa")

    chat.failure.get_by_role("button", name="Viết lại").click()
    chat.page.keyboard.press("Enter")
    chat.wait_for_answer(2)

    assert fake_chat.messages[-1]["text"] == "Tôi có được ưu đãi?"
    assert "payload" not in fake_chat.messages[-1]


def test_button_sends_its_payload_and_shows_its_title(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask(QUESTION)
    chat.choices.first.click()
    chat.wait_for_answer(2)

    assert fake_chat.texts[-1] == "check_eligibility"
    expect(chat.own.last).to_contain_text("Tôi có được ưu đãi?")


def test_answer_that_comes_later_is_fetched_by_the_long_poll(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.faults = ["answered_later"]
    chat.say(QUESTION)
    chat.wait_for_answer(0)

    expect(chat.replies).to_have_count(2)


def test_news_from_the_server_appears_once_without_asking(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask(QUESTION)
    fake_chat.tell("Nhà đăng ký đã nhận hồ sơ của bạn.")
    expect(chat.replies.last).to_contain_text("Nhà đăng ký đã nhận hồ sơ")

    chat.ask("hai")
    chat.reload()
    expect(chat.replies).to_have_count(4)
    expect(chat.page.get_by_text("Nhà đăng ký đã nhận hồ sơ")).to_have_count(1)


def test_news_that_came_while_offline_is_not_skipped_by_the_next_answer(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask(QUESTION)
    chat.page.context.set_offline(True)
    fake_chat.tell("Nhà đăng ký đã nhận hồ sơ của bạn.")
    chat.say("hai")
    chat.page.context.set_offline(False)

    expect(chat.replies).to_have_count(4)
    expect(chat.page.get_by_text("Nhà đăng ký đã nhận hồ sơ")).to_have_count(1)


def test_long_answer_is_shown_from_its_beginning(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.script[QUESTION] = [reply("\n\n".join(["Một đoạn văn dài để thử."] * 60))]
    chat.ask(QUESTION)

    expect(chat.own).to_be_in_viewport()
    expect(chat.replies.last.locator("p").nth(1)).to_be_in_viewport()


def test_each_line_is_a_paragraph_and_a_blank_line_opens_a_new_part(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.script[QUESTION] = [reply("Một\nhai\n\nba")]
    chat.ask(QUESTION)

    expect(chat.replies.last.locator(".text p")).to_have_text(["Một", "hai", "ba"])
    expect(chat.replies.last.locator(".text p.opens")).to_have_text(["Một", "ba"])


HOSTILE = "<img src=x onerror=\"document.title='hỏng'\"><script>document.title='hỏng'</script><b>đậm</b>"


def test_hostile_text_stays_text_everywhere(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.script[HOSTILE] = [reply(HOSTILE, (HOSTILE, HOSTILE), sources=((HOSTILE, HOSTILE),))]
    title = chat.page.title()
    chat.ask(HOSTILE)
    chat.page.locator(".sources summary").click()
    chat.choices.first.click()
    chat.wait_for_answer(2)
    chat.reload()

    assert chat.page.locator("#log img, #log script, #log b").count() == 0
    assert chat.page.title() == title
    expect(chat.replies.last.locator(".text")).to_have_text(HOSTILE)
    assert chat.complaints == []


@pytest.mark.parametrize(
    "text",
    [
        "http://vnnic.vn",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://vnnic.vn@xau.example/dang-nhap",
        "https://",
    ],
)
def test_address_that_could_mislead_is_no_link(chat: ChatPage, fake_chat: FakeChat, text: str) -> None:
    fake_chat.script[QUESTION] = [reply(text)]
    chat.ask(QUESTION)

    expect(chat.replies.last.locator(".text")).to_have_text(text)
    expect(chat.page.locator("#log a")).to_have_count(0)


def test_https_address_is_a_link_that_tells_the_other_site_nothing(chat: ChatPage, fake_chat: FakeChat) -> None:
    fake_chat.script[QUESTION] = [reply("Bạn xem (https://vnnic.vn/tenmien).")]
    chat.ask(QUESTION)

    link = chat.page.locator("#log a")
    expect(link).to_have_attribute("href", "https://vnnic.vn/tenmien")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_page_keeps_working_where_storage_is_forbidden(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    chat.reload()
    chat.ask(QUESTION)
    expect(chat.own).to_have_count(1)


def test_only_one_poll_is_open_at_a_time(chat: ChatPage, fake_chat: FakeChat) -> None:
    for text in ("một", "hai", "ba"):
        chat.ask(text)
    fake_chat.tell("Tin mới.")
    expect(chat.replies.last).to_contain_text("Tin mới")

    assert fake_chat.most_polls_at_once == 1


def test_whoever_lost_the_conversation_s_key_goes_on_in_a_new_one(chat: ChatPage, fake_chat: FakeChat) -> None:
    chat.ask("một")
    fake_chat.faults = ["guest"]
    chat.ask("hai")
    chat.ask("ba")

    assert fake_chat.texts == ["một", "hai", "ba"]
    first, guest, after = (message["conversation_id"] for message in fake_chat.messages)
    assert first == guest != after
    chat.page.reload()
    chat.ask("bốn")
    assert fake_chat.messages[-1]["conversation_id"] == after
