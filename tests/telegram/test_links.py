"""Links into the private chat: what following one begins, and that nobody gains anything by making one up."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.handoffs.references import new_reference
from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Press, Reply
from bot.gateway.telegram import links
from bot.gateway.telegram.links import LinkImpossibleError, read_payload
from bot.settings import ROOT
from tests.fixtures.product import shipped_guides, shipped_programme
from tests.gateway.talking import asking as asking_an_age
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.product import NAME

PROGRAMME, GUIDES = shipped_programme(), shipped_guides()


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


def followed(payload):
    """Follow the link that carries a payload, made as Telegram takes it."""
    link = links.private_chat(NAME, payload)
    return read_payload(link.removeprefix(f"https://t.me/{NAME}?start="), PROGRAMME, GUIDES)


@pytest.mark.parametrize("commune", PROGRAMME.communes, ids=lambda commune: commune.code)
def test_every_commune_has_a_link(commune):
    payload = f"xa_{commune.code.replace('.', '_')}"
    assert followed(payload) == Press.of("start_over", commune=commune.code)


@pytest.mark.parametrize("guide", GUIDES.guides, ids=lambda guide: guide.id)
def test_every_guide_has_a_link_that_asks_for_what_it_is_about(guide):
    press = followed(f"huong-dan_{guide.id}")
    wish = dict(press.entities)
    assert press.intent == "start_token_guide"
    assert (wish["procedure"], wish["platform"]) == (guide.aims[0].procedure, guide.platform)
    assert "token_provider" not in wish


def test_a_reference_has_a_link_to_where_the_request_stands():
    reference = new_reference()
    assert followed(reference) == Press.of("check_registration_status", reference=reference)


def test_the_links_in_the_manual_lead_where_it_says():
    manual = (ROOT / "docs" / "telegram.md").read_text("utf-8")
    payloads = re.findall(r"https://t\.me/<tên_bot>\?start=([A-Za-z0-9_-]+)`", manual)
    commune, guide = [followed(payload) for payload in payloads if "HD-" not in payload]
    assert commune == Press.of("start_over", commune="vinh-long.long-huu")
    assert (guide.intent, dict(guide.entities)["procedure"]) == ("start_token_guide", "sign")


@pytest.mark.parametrize("payload", ["", "a" * 65, "a b", "á", "a.b", "a&b=c"])
def test_a_link_that_telegram_would_not_take_is_not_made(payload):
    with pytest.raises(LinkImpossibleError):
        links.private_chat(NAME, payload)


@given(st.text(max_size=70) | st.from_regex(r"\A(xa_|huong-dan_|HD-)[A-Za-z0-9_-]{0,60}\Z"))
def test_a_made_up_payload_names_nothing_but_what_anybody_may_ask_for(payload):
    press = read_payload(payload, PROGRAMME, GUIDES)
    if press is not None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
        assert press.intent in {"start_over", "start_token_guide", "check_registration_status"}


async def test_a_commune_s_link_greets_with_its_name_and_the_menu(called, fake, lan):
    commune = PROGRAMME.communes[0]
    async with called.answering():
        lan.starts(f"xa_{commune.code.replace('.', '_')}")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
    assert f"Chào bạn ở {commune.kind} {commune.name}, {commune.province}!" in lan.chat.texts[0]
    assert lan.chat.shown[0].buttons
    assert called.product.assistant.requests == []


async def test_a_link_into_a_running_form_begins_anew(called, fake, lan):
    called.product.assistant.answer = asking_an_age
    async with called.answering():
        lan.says("em được không")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        lan.starts(f"xa_{PROGRAMME.communes[0].code.replace('.', '_')}")
        lan.says("giá?")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 3)
    assert called.product.assistant.requests[-1].state.is_empty


@pytest.mark.parametrize("payload", ["hoi", "xa_khong_co", "huong-dan_khong-co", "HD-AAAA-AAAA", "x" * 64, "💥"])
async def test_an_unknown_payload_is_an_ordinary_start(asking, lan, payload):
    await asking.intake().take(lan.starts(payload))
    async with asking.product.working():
        await asking.until_states("pending")
    assert asking.product.assistant.requests[0].press == Press.of("start_over")


async def test_somebody_else_s_reference_tells_nothing(called, fake, lan):
    """The status is looked up among the requests of whoever asks: see the effect `handoff.status`."""
    reference = new_reference()

    def asked(request):
        assert request.press == Press.of("check_registration_status", reference=reference)
        return TurnResult((Reply("thank", "thank"),), DialogueState(), "check_registration_status", 1.0)

    called.product.assistant.answer = asked
    async with called.answering():
        lan.starts(reference)
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
    assert reference not in lan.chat.texts[0]
