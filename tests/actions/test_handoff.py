from dataclasses import replace
from datetime import date

import pytest

from actions.chat import Chat
from actions.handing import AGREED_ON, CONTACT_SLOTS, FAILURES, REFUSED, SLOT_OF, known_draft
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.handoff import (
    ActionAskHandoffConsent,
    ActionAskName,
    ActionAskSending,
    ActionBeginHandoff,
    ActionFinishHandoff,
    ActionPutAwayHandoff,
    ActionValidateHandoffForm,
)
from bot.core.handoffs.references import read_reference
from bot.core.handoffs.steps import FORM, TOPIC, Step
from bot.core.handoffs.turns import CONSENT, CONTACT, PERSON, SENDING, WHOSE_TURN
from tests.actions.conftest import TODAY

NAME, PRODUCT, ADULT, REGISTRAR = (SLOT_OF[question] for question in ("name", "product", "adult", "registrar"))
CONNECTED = {WHOSE_TURN: "id.vn=inet.vn&id.vn=tenten.vn&biz.vn=bkns.vn"}
TOLD = {**CONNECTED, NAME: "quanbaba.id.vn", PRODUCT: "id.vn", ADULT: True, REGISTRAR: "inet.vn"}
AGREED = {**TOLD, CONSENT: "handoff-1", AGREED_ON: TODAY.isoformat()}
REACHED = {**AGREED, PERSON: "Lan", CONTACT: "+84900000001"}


def asked(slot, known=None):
    return {**CONNECTED, **(known or {}), REQUESTED_SLOT: slot}


def validate(runtime, intent="inform", *, text="", slots, entities=(), confidence=1.0):
    chat = Chat("turn", intent, text=text, slots=slots, entities=entities, confidence=confidence)
    return dict(ActionValidateHandoffForm(runtime).act(chat).slots)


def press(runtime, step, *, slots, on=None):
    """Press a button of a step; `on` are the slots under which it was shown, where they were others."""
    deal = known_draft(on or slots, TODAY).deal
    return validate(runtime, TOPIC, slots=slots, entities=(("registering", step), ("answer", deal)))


def begin(runtime, *, entities=(), slots=None):
    return ActionBeginHandoff(runtime).act(Chat("turn", TOPIC, entities=entities, slots={**CONNECTED, **(slots or {})}))


def test_a_request_begins_with_what_is_known_already(runtime):
    outcome = begin(runtime, entities=(("domain_name", "QuanBaBa.biz.vn"),))
    assert outcome.next_action == FORM
    assert (outcome.slots[NAME], outcome.slots[PRODUCT]) == ("quanbaba.biz.vn", "biz.vn")


def test_a_name_for_the_other_product_is_forgotten(runtime):
    outcome = begin(runtime, entities=(("product", "biz.vn"),), slots={NAME: "quanbaba.id.vn", PRODUCT: "id.vn"})
    assert (outcome.slots[NAME], outcome.slots[PRODUCT]) == (None, "biz.vn")


def test_beginning_anew_forgets_consent_and_contact(runtime):
    outcome = begin(runtime, slots=REACHED)
    assert {name: outcome.slots[name] for name in CONTACT_SLOTS} == CONTACT_SLOTS


@pytest.mark.parametrize("slots", [{"age": 15}, {"birth": "2012"}])
def test_who_was_told_to_be_under_age_begins_nothing(runtime, slots):
    outcome = begin(runtime, slots=slots)
    assert ([reply.template for reply in outcome.replies], outcome.next_action) == (["handoff_minor"], None)


@pytest.mark.parametrize(
    ("slots", "day", "why"),
    [
        ({"age": 40, "product": "id.vn", "judged": True}, TODAY, "not_in_group"),
        ({"product": "id.vn"}, date(2023, 1, 1), "closed"),
    ],
)
def test_outside_the_group_or_the_offer_the_way_alone_is_told(runtime, slots, day, why):
    outcome = begin(replace(runtime, today=lambda: day), slots=slots)
    assert [reply.facts["why"] for reply in outcome.replies] == [why]
    assert (outcome.next_action, outcome.effect) == (None, None)


@pytest.mark.parametrize(
    ("slots", "why"), [({}, "nobody"), ({"product": "biz.vn"}, "nobody"), ({"product": "id.vn"}, None)]
)
def test_where_no_registrar_can_get_a_request_none_is_begun(runtime, renderer, slots, why):
    connected = {WHOSE_TURN: "id.vn=inet.vn" if why is None or slots else None}
    outcome = begin(runtime, slots={**slots, **connected})
    assert ([reply.facts["why"] for reply in outcome.replies], outcome.next_action) == (
        ([], FORM) if why is None else ([why], None)
    )
    for reply in outcome.replies:
        text = renderer.render(reply.template, channel="web", facts=reply.facts)
        assert "Chưa có nhà đăng ký nào nhận yêu cầu qua mình." in text


@pytest.mark.parametrize("connected", [None, "id.vn=tenten.vn&id.vn=pavietnam.vn"])
def test_a_registrar_that_can_no_longer_get_it_is_not_sent_anything(runtime, connected):
    slots = asked(SENDING, {**REACHED, WHOSE_TURN: connected})
    told = press(runtime, Step.SEND, slots=slots)
    assert (told[REGISTRAR], told[CONSENT], told[CONTACT], told[SENDING]) == (None, None, None, None)
    assert told[REQUESTED_SLOT] == (None if connected is None else REGISTRAR)
    assert ActionFinishHandoff(runtime).act(Chat("turn", TOPIC, slots={**slots, **told})).effect is None


@pytest.mark.parametrize("other", [{REGISTRAR: "pavietnam.vn"}, {NAME: "tiembanhlan.id.vn"}])
@pytest.mark.parametrize(("step", "slot"), [(Step.AGREE, CONSENT), (Step.SEND, SENDING)])
def test_an_old_button_agrees_to_nothing_else_than_was_shown_with_it(runtime, step, slot, other):
    open_to = {**REACHED, CONSENT: None} if step is Step.AGREE else REACHED
    slots = asked(slot, open_to)
    assert press(runtime, step, slots=slots)[slot] is not None
    told = press(runtime, step, slots=slots, on={**slots, **other})
    assert (told.get(slot), told[REQUESTED_SLOT]) == (None, slot)


@pytest.mark.parametrize("step", [Step.AGREE, Step.SEND, Step.OF_AGE, Step.KEEP, "x"])
def test_a_button_of_a_closed_dialogue_does_nothing(runtime, step):
    outcome = begin(runtime, entities=(("registering", step),))
    if step != "x":
        assert [reply.template for reply in outcome.replies] == ["handoff_nothing_open"]
    assert outcome.effect is None


def test_a_refused_name_is_told_why_with_two_that_keep_the_rules(runtime, renderer):
    told = validate(runtime, text="quán bà ba", slots=asked(NAME, {PRODUCT: "biz.vn"}))
    assert (told[NAME], told[REFUSED], told[REQUESTED_SLOT]) == (None, "quán bà ba.biz.vn", NAME)
    chat = Chat("turn", "inform", slots={PRODUCT: "biz.vn", REFUSED: told[REFUSED]})
    (reply,) = ActionAskName(runtime).act(chat).replies
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert "Viết không dấu" in text
    assert [dict(button.press.entities).get("domain_name") for button in reply.buttons] == [
        "quanbaba.biz.vn",
        "quan-ba-ba.biz.vn",
        None,
    ]


def test_where_one_registrar_takes_part_nobody_is_asked_to_choose(runtime):
    told = validate(runtime, text="quanbaba.biz.vn", slots=asked(NAME), entities=(("domain_name", "quanbaba.biz.vn"),))
    assert (told[REGISTRAR], told[REQUESTED_SLOT]) == ("bkns.vn", CONSENT)


@pytest.mark.parametrize("text", ["chọn giúp em", "cái nào cũng được", "tuy ban"])
def test_who_leaves_the_choice_gets_whose_turn_it_is(runtime, text):
    slots = asked(REGISTRAR, {NAME: "quanbaba.id.vn", ADULT: True})
    told = validate(runtime, "nlu_fallback", text=text, slots=slots)
    assert (told[REGISTRAR], told[REQUESTED_SLOT]) == ("inet.vn", CONSENT)


@pytest.mark.parametrize("text", ["đồng ý", "dong y", "ok em", "dạ đồng ý ạ", "có"])
@pytest.mark.parametrize("intent", ["affirm", "nlu_fallback", "start_registration"])
def test_a_clear_yes_agrees_in_the_wording_of_the_day(runtime, text, intent):
    told = validate(runtime, intent, text=text, slots=asked(CONSENT, TOLD))
    assert (told[CONSENT], told[AGREED_ON], told[REQUESTED_SLOT]) == ("handoff-1", TODAY.isoformat(), PERSON)


@pytest.mark.parametrize("text", ["để tôi hỏi con tôi đã", "ừ để xem", "có nên không", "đồng ý cái gì", "👍", ""])
@pytest.mark.parametrize("intent", ["affirm", "inform", "dont_know", "nlu_fallback"])
def test_anything_less_agrees_to_nothing(runtime, text, intent):
    told = validate(runtime, intent, text=text, slots=asked(CONSENT, TOLD))
    assert told.get(CONSENT) is None
    assert told[REQUESTED_SLOT] == CONSENT


@pytest.mark.parametrize("entities", [(("phone", "+84900000001"),), (("email", "lan@example.vn"),)])
@pytest.mark.parametrize("slot", [NAME, ADULT, REGISTRAR, CONSENT])
def test_how_somebody_is_reached_is_not_taken_before_the_yes(runtime, slot, entities):
    told = validate(runtime, text="Lan 0900000001", slots=asked(slot, TOLD), entities=entities)
    assert told.get(CONTACT) is None
    assert told.get(PERSON) is None


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("0900 000 001", (("phone", "+84900000001"),)),
        ("lan@example.vn", (("email", "lan@example.vn"),)),
        ("tôi là Lan, số 0900000001", (("phone", "+84900000001"),)),
    ],
)
def test_how_somebody_is_reached_is_no_wished_name(runtime, text, entities):
    told = validate(runtime, text=text, slots=asked(NAME), entities=entities)
    assert (told.get(NAME), told.get(REFUSED), told[FAILURES]) == (None, None, 1)


def test_a_consent_of_another_day_is_asked_for_again_and_what_it_allowed_goes(runtime):
    slots = asked(SENDING, {**REACHED, AGREED_ON: "2026-11-19"})
    told = validate(runtime, "nlu_fallback", text="qwrt", slots=slots)
    assert (told[PERSON], told[CONTACT], told[REQUESTED_SLOT]) == (None, None, CONSENT)


def test_another_registrar_needs_another_consent(runtime):
    slots = asked(SENDING, REACHED)
    told = validate(runtime, TOPIC, slots=slots, entities=(("registrar", "tenten.vn"),))
    assert (told[REGISTRAR], told[CONSENT], told[CONTACT], told[REQUESTED_SLOT]) == ("tenten.vn", None, None, CONSENT)


@pytest.mark.parametrize(
    ("step", "slot"), [(Step.OTHER_NAME, NAME), (Step.OTHER_PERSON, PERSON), (Step.OTHER_CONTACT, CONTACT)]
)
def test_each_thing_can_be_corrected_before_it_is_sent(runtime, step, slot):
    told = press(runtime, step, slots=asked(SENDING, REACHED))
    assert (told[slot], told[REQUESTED_SLOT]) == (None, slot)


def test_another_number_at_the_end_replaces_the_first(runtime):
    told = validate(runtime, text="sửa số", slots=asked(SENDING, REACHED), entities=(("phone", "+84900000002"),))
    assert (told[CONTACT], told[REQUESTED_SLOT]) == ("+84900000002", SENDING)


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("chị Lan", "guide_repeat", 0.45),
        ("Tiến", "ask_cost", 0.85),
        ("Anh Dũng", "affirm", 0.3),
        ("Phúc", "out_of_scope", 1),
    ],
)
def test_names_are_taken_whatever_they_were_read_as(runtime, text, intent, confidence):
    told = validate(runtime, intent, text=text, slots=asked(PERSON, AGREED), confidence=confidence)
    assert (told[PERSON], told[REQUESTED_SLOT]) == (text, CONTACT)


@pytest.mark.parametrize(("slot", "known"), [(NAME, {PRODUCT: "biz.vn"}), (PERSON, AGREED), (REGISTRAR, TOLD)])
@pytest.mark.parametrize("intent", ["inform", "affirm", "dont_know", "nlu_fallback"])
@pytest.mark.parametrize(
    "text", ["de hoi con trai da", "de suy nghi da", "Để tôi suy nghĩ thêm", "dạ để em về hỏi chồng", "ừ để xem"]
)
def test_putting_an_answer_off_is_none_and_is_asked_again(runtime, slot, known, intent, text):
    known = {name: value for name, value in known.items() if name != slot}
    told = validate(runtime, intent, text=text, slots=asked(slot, known))
    assert (told.get(slot), told.get(REFUSED), told[FAILURES], told[REQUESTED_SLOT]) == (None, None, 1, slot)


def test_a_number_beside_a_hesitation_is_not_kept(runtime):
    slots, phone = asked(PERSON, AGREED), (("phone", "+84900000001"),)
    told = validate(runtime, text="de toi hoi con trai, so 0900000001", slots=slots, entities=phone)
    assert (told.get(PERSON), told.get(CONTACT), told[FAILURES]) == (None, None, 1)


@pytest.mark.parametrize("text", ["Đệ Hội", "Đề Tính", "De", "Đê Xêm"])
def test_a_name_that_only_looks_like_a_hesitation_is_taken(runtime, text):
    assert validate(runtime, text=text, slots=asked(PERSON, AGREED))[PERSON] == text


def test_a_site_that_only_looks_like_a_hesitation_is_taken(runtime):
    told = validate(runtime, text="đề hội quán", slots=asked(NAME, {PRODUCT: "biz.vn"}))
    assert told[REFUSED] == "đề hội quán.biz.vn"


@pytest.mark.parametrize("slot", [NAME, CONSENT, PERSON, CONTACT, SENDING])
def test_a_question_of_its_own_is_left_to_its_rule(runtime, slot):
    assert validate(runtime, "ask_cost", text="giá bao nhiêu vậy", slots=asked(slot, AGREED)) == {REQUESTED_SLOT: slot}


def test_a_number_in_a_report_of_fraud_is_nobody_s_contact(runtime):
    told = validate(
        runtime, "report_scam", text="số 0900000009 gọi lừa", slots=asked(CONTACT, AGREED), entities=(("phone", "+84"),)
    )
    assert told == {REQUESTED_SLOT: CONTACT}


@pytest.mark.parametrize("slot", [ADULT, CONSENT, CONTACT])
def test_an_age_below_eighteen_ends_it_anywhere_and_empties_it(runtime, slot):
    told = validate(runtime, text="em 15 tuổi", slots=asked(slot, REACHED), entities=(("age", 15),))
    assert (told[ADULT], told[REQUESTED_SLOT], told[CONTACT]) == (False, None, None)
    outcome = ActionFinishHandoff(runtime).act(Chat("turn", "inform", slots={**REACHED, ADULT: False}))
    assert ([reply.template for reply in outcome.replies], outcome.effect) == (["handoff_minor"], None)


def test_before_the_yes_it_is_said_that_nothing_was_sent_who_gets_what_and_that_it_may_cost(runtime, renderer):
    (reply,) = ActionAskHandoffConsent(runtime).act(Chat("turn", "inform", slots=TOLD)).replies
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    for words in (
        "Mình chưa gửi gì cho ai",
        "iNET (https://inet.vn)",
        "đúng 3 điều",
        "quanbaba.id.vn",
        "phải trả tiền",
    ):
        assert words in text
    assert runtime.programme.operator.name in text


def test_only_who_surely_has_an_open_offer_is_not_told_that_it_may_cost(runtime, renderer):
    open_day = replace(runtime, today=lambda: date(2025, 6, 1))
    slots = {**TOLD, "age": 20, "product": "id.vn", "judged": True}
    (reply,) = ActionAskHandoffConsent(open_day).act(Chat("turn", "inform", slots=slots)).replies
    assert reply.facts["may_cost"] is False
    (reply,) = ActionAskHandoffConsent(open_day).act(Chat("turn", "inform", slots=TOLD)).replies
    assert reply.facts["may_cost"] is True


def test_the_last_look_shows_too_little_to_reach_anybody(runtime, renderer):
    (reply,) = ActionAskSending(runtime).act(Chat("turn", "inform", slots=REACHED)).replies
    text = renderer.render(reply.template, channel="web", facts=reply.facts)
    assert "có đuôi 001" in text
    assert "900000001" not in str(reply.to_json())
    assert "Lan" not in str(reply.to_json())


def test_after_the_last_yes_all_of_it_and_nothing_else_is_submitted(runtime):
    outcome = ActionFinishHandoff(runtime).act(Chat("turn", TOPIC, slots={**REACHED, SENDING: True}))
    assert outcome.effect is not None
    arguments = dict(outcome.effect.arguments)
    assert read_reference(arguments.pop("reference"))
    assert arguments == {
        "registrar": "inet.vn",
        "product": "id.vn",
        "domain": "quanbaba.id.vn",
        "name": "Lan",
        "phone": "+84900000001",
        "email": "",
        "consent": "handoff-1",
        "may_cost": "yes",
    }
    assert not any(outcome.slots.values())


@pytest.mark.parametrize(
    "slots",
    [
        {},
        REACHED,
        {**REACHED, SENDING: False},
        {**REACHED, SENDING: True, CONSENT: None},
        {**REACHED, SENDING: True, CONSENT: "refused"},
        {**REACHED, SENDING: True, AGREED_ON: "2026-11-19"},
        {**REACHED, SENDING: True, CONTACT: None},
    ],
)
def test_without_any_part_of_it_nothing_is_submitted_and_the_contact_is_gone(runtime, slots):
    outcome = ActionFinishHandoff(runtime).act(Chat("turn", "cancel", slots=slots))
    assert outcome.effect is None
    assert {name: outcome.slots[name] for name in CONTACT_SLOTS} == CONTACT_SLOTS


def test_leaving_for_something_else_keeps_the_name_and_nothing_of_the_person(runtime):
    outcome = ActionPutAwayHandoff(runtime).act(Chat("turn", "check_eligibility", slots=REACHED))
    assert NAME not in outcome.slots
    assert {name: outcome.slots[name] for name in (*CONTACT_SLOTS, FAILURES)} == {**CONTACT_SLOTS, FAILURES: None}


@pytest.mark.parametrize("intent", ["affirm", "deny", "inform", "nlu_fallback", "withdraw_consent", "check_domain"])
@pytest.mark.parametrize(
    "text", ["đủ 18 tuổi", "đã gửi", "ừ để xem", "2 nha", "gửi đi đâu", "không chắc", "dạ", "đồng ý?"]
)
@pytest.mark.parametrize(("slot", "known"), [(CONSENT, TOLD), (SENDING, REACHED)])
def test_a_doubtful_word_agrees_to_nothing_and_refuses_nothing(runtime, slot, known, text, intent):
    told = validate(runtime, intent, text=text, slots=asked(slot, known))
    assert told[REQUESTED_SLOT] == slot
    assert told.get(slot) is None


@pytest.mark.parametrize("text", ["không đồng ý", "đừng gửi nhé", "dung gui cho ho", "tôi không muốn gửi", "thôi em"])
@pytest.mark.parametrize(("slot", "known", "refused"), [(CONSENT, TOLD, "refused"), (SENDING, REACHED, False)])
def test_a_refusal_is_one_however_it_was_understood(runtime, slot, known, refused, text):
    for intent in ("affirm", "inform", "withdraw_consent", "nlu_fallback"):
        assert validate(runtime, intent, text=text, slots=asked(slot, known))[slot] == refused
