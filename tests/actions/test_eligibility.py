import pytest

from actions.chat import Chat
from actions.handlers.eligibility import (
    FORM,
    ActionAskAge,
    ActionAskProduct,
    ActionBeginEligibility,
    ActionReceiveFacts,
    ActionTellVerdict,
    ActionValidateEligibilityForm,
)

ID_VN = {"product": "id.vn", "requested_slot": "age"}


def chat(intent="inform", *, slots=None, **entities):
    return Chat("turn", intent, entities=tuple(entities.items()), slots=slots or {}, in_form=True)


@pytest.fixture
def validate(runtime):
    return lambda *args, **options: ActionValidateEligibilityForm(runtime).act(chat(*args, **options)).slots


@pytest.fixture
def ask_age(runtime):
    def ask(*args, **options):
        (reply,) = ActionAskAge(runtime).act(chat(*args, **options)).replies
        return reply

    return ask


def test_an_older_case_is_cleared_when_the_form_begins(runtime):
    slots = ActionBeginEligibility(runtime).act(chat("check_eligibility")).slots
    assert {"product", "subject", "age", "founding", "failures", "judged"} <= set(slots)
    assert set(slots.values()) == {None}


def test_facts_of_the_first_message_are_kept(validate):
    assert validate("check_eligibility", product="biz.vn")["requested_slot"] == "founding"
    assert validate("check_eligibility", age=20)["requested_slot"] is None


def test_the_first_question_counts_no_failure(validate):
    assert validate("check_eligibility") == {"requested_slot": "product", "failures": None, "helped": None}


def test_a_side_question_sets_nothing_but_the_requested_slot(validate):
    assert validate("ask_cost", slots=ID_VN, product="biz.vn", age=20) == {"requested_slot": "age"}


@pytest.mark.parametrize("intent", ["inform", "affirm", "deny", "out_of_scope", "nlu_fallback", "check_eligibility"])
def test_an_answer_that_cannot_be_used_is_counted(validate, intent):
    assert validate(intent, slots={**ID_VN, "failures": 1})["failures"] == 2


def test_an_answer_starts_the_count_anew(validate):
    slots = validate(slots={"requested_slot": "product", "failures": 2, "helped": "before"}, product="id.vn")
    assert slots == {"product": "id.vn", "requested_slot": "age", "failures": None, "helped": None}


def test_a_fact_that_was_not_asked_for_is_taken_and_counts_neither_way(validate):
    slots = validate(slots={**ID_VN, "failures": 1}, founding_age="P3M")
    assert (slots["founding"], slots["failures"], slots["requested_slot"]) == ("P3M", 1, "age")


def test_a_filled_slot_can_be_corrected(validate):
    slots = validate(slots={"product": "biz.vn", "requested_slot": "founding"}, product="id.vn")
    assert (slots["product"], slots["requested_slot"]) == ("id.vn", "age")


def test_the_first_not_knowing_is_helped_and_the_second_counts(validate):
    first = validate("dont_know", slots=ID_VN)
    second = validate("dont_know", slots={**ID_VN, "helped": first["helped"]})
    assert (first["failures"], second["failures"]) == (0, 1)


def test_of_a_message_not_understood_only_the_answer_counts(validate):
    slots = validate("nlu_fallback", slots=ID_VN, age=20, product="biz.vn")
    assert (slots["age"], slots["requested_slot"]) == (20, None)
    assert "product" not in slots


def test_the_first_not_knowing_is_told_where_to_look(ask_age):
    assert ask_age("dont_know", slots={**ID_VN, "helped": "now"}).facts["unknown"] is True
    assert ask_age("dont_know", slots={**ID_VN, "helped": "before", "failures": 1}).facts["unknown"] is False


def test_three_failures_bring_choices_and_a_person(ask_age, programme):
    reply = ask_age("out_of_scope", slots={**ID_VN, "failures": 3})
    assert reply.facts["as_choices"] is True
    assert reply.facts["operator_contact"] == programme.operator.contact
    assert len(reply.buttons) >= 4


def test_after_a_side_question_the_form_says_that_it_goes_on(ask_age):
    assert ask_age("ask_cost", slots=ID_VN).facts["side"] is True


def test_an_impossible_age_is_doubted_with_the_question_s_buttons(ask_age):
    reply = ask_age(slots={**ID_VN, "failures": 1}, age=200)
    assert (reply.topic, reply.template, reply.facts) == (FORM, "eligibility_invalid_age", {"value": "200"})
    assert reply.buttons == ask_age(slots=ID_VN).buttons


def test_questions_have_the_form_s_topic(runtime):
    (reply,) = ActionAskProduct(runtime).act(chat("check_eligibility")).replies
    assert reply.topic == FORM


def test_the_verdict_is_remembered_for_corrections(runtime):
    outcome = ActionTellVerdict(runtime).act(chat(slots={"product": "id.vn", "age": 20}))
    assert outcome.slots == {"judged": True}
    assert outcome.replies[0].topic == "check_eligibility"


JUDGED = {"product": "id.vn", "age": 20, "judged": True}
FIRM = {"product": "biz.vn", "judged": True}


@pytest.fixture
def receive(runtime):
    return lambda **options: ActionReceiveFacts(runtime).act(chat(**options))


def test_facts_after_the_verdict_correct_it(receive):
    outcome = receive(slots=JUDGED, age=25)
    assert outcome.slots == {"age": 25, "judged": True}
    assert outcome.replies[0].facts["corrected"] is True


def test_facts_that_suffice_are_judged_without_a_form(receive):
    outcome = receive(age=19, product="id.vn")
    assert (outcome.replies[0].template, outcome.replies[0].facts["corrected"]) == ("eligibility_verdict", False)
    assert (outcome.slots["age"], outcome.slots["product"], outcome.slots["judged"]) == (19, "id.vn", True)
    assert outcome.next_action is None


@pytest.mark.parametrize("told", [{"product": "id.vn"}, {"subject": "enterprise"}, {"birth_date": "2003"}])
def test_facts_that_do_not_suffice_open_the_form(receive, told):
    outcome = receive(**told)
    assert (list(outcome.replies), outcome.next_action) == ([], FORM)
    assert outcome.slots["judged"] is None


def test_facts_of_a_case_that_was_never_judged_are_not_mixed_with_new_ones(receive):
    outcome = receive(slots={"product": "biz.vn"}, age=20)
    assert outcome.replies[0].facts["product"] == "id.vn"
    assert outcome.slots["product"] is None


@pytest.mark.parametrize("slots", [{}, JUDGED])
def test_words_without_facts_of_a_case_correct_nothing(receive, slots):
    outcome = receive(slots=slots, phone="+84912345678", product="com.vn")
    assert outcome.replies[0].template == "nothing_to_confirm"
    assert not outcome.slots


def test_a_day_told_after_a_firm_s_verdict_corrects_its_founding(receive):
    outcome = receive(slots={**FIRM, "founding": "P12M"}, founding_date="2026-03-15")
    assert (outcome.slots["founding"], outcome.replies[0].facts["reason"]) == ("2026-03-15", "founded_within")


@pytest.mark.parametrize("founding", ["P12M", "2025", "2027-01-01"])
def test_an_unreadable_day_after_a_verdict_that_asked_for_it_is_helped(receive, founding):
    (reply,) = receive(slots={**FIRM, "founding": founding}).replies
    assert (reply.template, reply.facts) == ("eligibility_founding_day", {"unknown": False})


@pytest.mark.parametrize(
    "slots",
    [{**FIRM, "founding": "P3M"}, {**FIRM, "subject": "household_business"}, {**FIRM, "judged": None}, {**FIRM}],
)
def test_no_day_is_waited_for_that_no_verdict_asked_for(receive, slots):
    assert receive(slots=slots).replies[0].template == "nothing_to_confirm"


def test_a_correction_that_opens_a_question_lets_the_form_ask_it(receive):
    outcome = receive(slots=JUDGED, product="biz.vn")
    assert (list(outcome.replies), outcome.next_action) == ([], FORM)
    assert outcome.slots == {"product": "biz.vn", "judged": None}


def test_a_correction_to_a_year_on_the_edge_asks_for_the_age_again(receive):
    outcome = receive(slots=JUDGED, birth_date="2003")
    assert (outcome.slots["age"], outcome.next_action) == (None, FORM)


def test_a_correction_to_an_impossible_age_is_doubted_and_changes_nothing(receive):
    outcome = receive(slots=JUDGED, age=200)
    assert outcome.replies[0].template == "eligibility_invalid_age"
    assert not outcome.slots
