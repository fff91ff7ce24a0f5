import pytest

from actions.chat import Chat
from actions.handlers.eligibility import (
    FORM,
    ActionAskAge,
    ActionAskCertificate,
    ActionAskFounding,
    ActionAskProduct,
    ActionBeginEligibility,
    ActionReceiveFacts,
    ActionTellVerdict,
    ActionValidateEligibilityForm,
)

ID_VN = {"product": "id.vn", "requested_slot": "age"}


def chat(intent="inform", *, slots=None, text="", **entities):
    return Chat("turn", intent, text, entities=tuple(entities.items()), slots=slots or {}, in_form=True)


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
    case = {"product", "subject", "age", "birth", "founding", "certificate", "unknown", "judged"}
    assert case | {"failures", "helped"} == set(slots)
    assert set(slots.values()) == {None}


def test_a_judged_case_is_kept_when_the_message_is_about_it(runtime):
    slots = {"product": "id.vn", "age": 20, "judged": True}
    begun = ActionBeginEligibility(runtime).act(chat("check_eligibility", slots=slots, text="vậy có được không"))
    assert begun.slots == {"failures": None, "helped": None}
    assert ActionBeginEligibility(runtime).act(chat("check_eligibility", slots=slots)).slots["age"] is None


def test_facts_of_the_first_message_are_kept(validate):
    assert validate("check_eligibility", product="biz.vn")["requested_slot"] == "founding"
    assert validate("check_eligibility", age=20)["requested_slot"] is None
    assert validate("check_eligibility", subject="household_business", founding_age="P4M", certificate="yes") == {
        "subject": "household_business",
        "founding": "P4M",
        "certificate": True,
        "failures": None,
        "helped": None,
        "requested_slot": None,
    }


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


def test_the_first_not_knowing_is_helped_and_the_second_is_an_answer(validate):
    first = validate("dont_know", slots=ID_VN)
    second = validate("dont_know", slots={**ID_VN, "helped": first["helped"]})
    assert (first["failures"], first["requested_slot"]) == (0, "age")
    assert (second["unknown"], second["requested_slot"]) == ("age", None)


def test_what_is_not_known_is_kept_as_plain_text(validate):
    """The channel takes no lists for the state of a dialogue."""
    slots = {"product": "biz.vn", "founding": "P12M", "requested_slot": "founding", "helped": "now", "unknown": "age"}
    assert validate("dont_know", slots=slots)["unknown"] == "age founding_day"


def test_not_knowing_which_product_twice_counts_as_a_failure(validate):
    slots = validate("dont_know", slots={"requested_slot": "product", "helped": "now"})
    assert (slots["failures"], slots["requested_slot"]) == (1, "product")


@pytest.mark.parametrize(
    ("slots", "requested"),
    [
        ({"birth": "2008"}, "age"),
        ({"product": "biz.vn", "founding": "P12M"}, "founding"),
        ({"product": "biz.vn", "founding": "2025-11"}, "founding"),
        ({"subject": "household_business"}, "certificate"),
    ],
)
def test_what_leaves_the_verdict_open_is_asked(validate, slots, requested):
    assert validate("check_eligibility", slots=slots)["requested_slot"] == requested


def test_a_finer_question_counts_its_own_failures(validate):
    slots = {"product": "biz.vn", "requested_slot": "founding", "failures": 2}
    assert validate(slots=slots, founding_age="P12M") == {
        "founding": "P12M",
        "failures": None,
        "helped": None,
        "requested_slot": "founding",
    }


@pytest.mark.parametrize(("intent", "held"), [("affirm", True), ("deny", False)])
def test_a_yes_or_no_answers_for_the_certificate(validate, intent, held):
    slots = validate(intent, slots={"subject": "household_business", "requested_slot": "certificate"})
    assert (slots["certificate"], slots["requested_slot"]) == (held, None)


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


def test_the_finer_questions_have_templates_of_their_own(runtime):
    (birthday,) = ActionAskAge(runtime).act(chat(slots={"birth": "2008"})).replies
    (day,) = ActionAskFounding(runtime).act(chat(slots={"product": "biz.vn", "founding": "P12M"})).replies
    (paper,) = ActionAskCertificate(runtime).act(chat(slots={"subject": "household_business"})).replies
    assert birthday.template == "eligibility_ask_birthday"
    assert day.template == "eligibility_ask_founding_day"
    assert paper.template == "eligibility_ask_certificate"


def test_the_verdict_is_remembered_for_corrections(runtime):
    outcome = ActionTellVerdict(runtime).act(chat(slots={"product": "id.vn", "age": 20}))
    assert outcome.slots == {"judged": True}
    assert outcome.replies[0].topic == "check_eligibility"


def test_a_minor_s_birth_is_forgotten_once_the_verdict_was_told(runtime):
    outcome = ActionTellVerdict(runtime).act(chat(slots={"birth": "2009-03-15"}))
    assert outcome.replies[0].facts["next_age_on"] == "2027-03-15"
    assert outcome.slots == {"judged": True, "age": 17, "birth": None}


@pytest.mark.parametrize(
    ("judged", "told", "corrected", "repeated"),
    [(None, {"age": 20}, False, False), (True, {"age": 20}, True, False), (True, {}, False, True)],
)
def test_a_verdict_says_whether_it_is_a_new_one(runtime, judged, told, corrected, repeated):
    slots = {"product": "id.vn", "age": 20, **({"judged": True} if judged else {})}
    (reply,) = ActionTellVerdict(runtime).act(chat("check_eligibility", slots=slots, **told)).replies
    assert (reply.facts["corrected"], reply.facts["repeated"]) == (corrected, repeated)


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


@pytest.mark.parametrize(
    "told",
    [
        {"product": "id.vn"},
        {"subject": "enterprise"},
        {"subject": "household_business"},
        {"birth_date": "2003"},
        {"founding_age": "P12M"},
    ],
)
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


@pytest.mark.parametrize("told", [{"founding_date": "2026-03-15"}, {"date": "2026-03-15"}])
def test_a_day_told_after_a_firm_s_verdict_corrects_its_founding(receive, told):
    outcome = receive(slots={**FIRM, "founding": "P3Y"}, **told)
    assert (outcome.slots["founding"], outcome.replies[0].facts["reason"]) == ("2026-03-15", "founded_within")
    assert outcome.replies[0].facts["corrected"] is True


def test_a_day_told_after_it_was_not_known_settles_the_verdict(receive):
    slots = {**FIRM, "founding": "P12M", "unknown": "founding_day"}
    assert receive(slots=slots, founding_date="2025-11-20").replies[0].facts["reason"] == "founded_within"


def test_a_correction_that_opens_a_question_lets_the_form_ask_it(receive):
    outcome = receive(slots=JUDGED, product="biz.vn")
    assert (list(outcome.replies), outcome.next_action) == ([], FORM)
    assert outcome.slots == {"product": "biz.vn", "judged": None}


def test_a_correction_to_a_year_on_the_edge_asks_for_the_birthday(receive):
    outcome = receive(slots=JUDGED, birth_date="2003")
    assert outcome.slots == {"birth": "2003", "age": None, "judged": None}
    assert outcome.next_action == FORM


def test_a_correction_to_a_household_asks_for_its_certificate(receive):
    outcome = receive(slots={**FIRM, "founding": "P3Y"}, subject="household_business")
    assert (list(outcome.replies), outcome.next_action) == ([], FORM)


def test_a_correction_to_an_impossible_age_is_doubted_and_changes_nothing(receive):
    outcome = receive(slots=JUDGED, age=200)
    assert outcome.replies[0].template == "eligibility_invalid_age"
    assert not outcome.slots


SHOP = {"product": "biz.vn", "subject": "household_business", "certificate": True, "judged": True}


@pytest.mark.parametrize(
    ("slots", "text", "told", "product", "reason"),
    [
        (SHOP, "còn con gái 16 tuổi", {"age": 16}, "id.vn", "age_below"),
        ({**SHOP, "certificate": False}, "con trai 19 tuoi", {"age": 19}, "id.vn", "age_within"),
        ({"subject": "household_business", "certificate": True, "judged": True}, "19t", {"age": 19}, "id.vn", None),
        ({**FIRM, "founding": "P3Y"}, "con gái sinh năm 2006", {"birth_date": "2006-01-15"}, "id.vn", "age_within"),
        (JUDGED, "quán mở 4 tháng", {"founding_age": "P4M"}, "biz.vn", "founded_within"),
        (JUDGED, "mở ngày 15/3/2026", {"founding_date": "2026-03-15"}, "biz.vn", "founded_within"),
    ],
)
def test_facts_of_the_other_product_are_judged_and_the_old_verdict_is_not_told_again(
    receive, slots, text, told, product, reason
):
    outcome = receive(slots=slots, text=text, **told)
    facts = outcome.replies[0].facts
    assert (facts["product"], facts["corrected"]) == (product, False)
    assert reason in (None, facts["reason"])
    assert (outcome.slots["product"], outcome.slots["subject"], outcome.slots["judged"]) == (product, None, True)


def test_a_paper_after_a_person_s_verdict_begins_the_check_of_a_business(receive):
    outcome = receive(slots=JUDGED, text="có giấy rồi", certificate="yes")
    assert (list(outcome.replies), outcome.next_action) == ([], FORM)
    assert (outcome.slots["product"], outcome.slots["certificate"], outcome.slots["age"]) == ("biz.vn", True, None)


@pytest.mark.parametrize(
    ("text", "told", "begun"),
    [
        ("con trai 19 tuoi co duoc khong", {"age": 19}, {"age": 19}),
        ("con gái sinh 2006 được không", {"birth_date": "2006"}, {"birth": "2006"}),
    ],
)
def test_a_request_that_tells_of_the_other_product_begins_its_check(runtime, validate, text, told, begun):
    asking = chat("check_eligibility", slots=SHOP, text=text, **told)
    slots = ActionBeginEligibility(runtime).act(asking).slots
    expected = {"product": "id.vn", "subject": None, "certificate": None, "judged": None, **begun}
    assert {name: slots[name] for name in expected} == expected
    known = {name: value for name, value in slots.items() if value is not None}
    assert validate("check_eligibility", slots=known, text=text, **told)["requested_slot"] is None


@pytest.mark.parametrize("told", [{"founding_date": "2026-03-15"}, {"birth_date": "2012"}, {"date": "2026-03-15"}])
def test_a_day_alone_is_of_what_was_judged(receive, told):
    outcome = receive(slots={**FIRM, "founding": "P3Y"}, text="ngày đó", **told)
    assert (outcome.replies[0].facts["product"], outcome.replies[0].facts["corrected"]) == ("biz.vn", True)


def test_the_age_of_who_has_the_business_that_was_told_with_it_begins_no_other_check(receive):
    outcome = receive(slots=SHOP, text="hộ kinh doanh, 50 tuổi", subject="household_business", age=50, certificate="no")
    assert outcome.replies[0].facts["product"] == "biz.vn"
