import shutil

import pytest

from bot.core.errors import InvalidInputError
from bot.core.programme import ContentError, load_programme
from bot.core.programme.content_problems import ContentProblem


@pytest.fixture
def broken(content_directory, tmp_path):
    """Change one text in a copy of the content, load it and give the error that comes."""

    def change(file, old, new):
        shutil.copytree(content_directory, tmp_path, dirs_exist_ok=True)
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        line = text[: text.index(old)].count("\n") + 1
        path.write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(ContentError) as caught:
            load_programme(tmp_path)
        assert caught.value.file == path
        return caught.value, line

    return change


def test_the_content_that_is_shipped_loads_and_is_marked_as_a_demonstration(programme):
    assert programme.operator.demonstration
    assert programme.operator.email.endswith(".example")


def test_content_cannot_be_changed_after_loading(programme):
    with pytest.raises(ValueError, match="frozen"):
        programme.operator.name = "x"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("offers.yaml", "valid_from: 2023-06-01", "valid_from: soon", "valid_from"),
        ("offers.yaml", "valid_from: 2023-06-01", "valid_from: 2023-06-31", "valid_from"),
        ("offers.yaml", "valid_from: 2023-06-01", "valid_from: 20230601", "valid_from"),
        ("operator.yaml", "name: Đơn", "name: \x07Đơn", "not text"),
        ("operator.yaml", "demonstration: true", "demonstration: maybe", "demonstration"),
        ("offers.yaml", "product: biz.vn", "product: com.vn", "product"),
        ("offers.yaml", "years: 2", "years: 2\n    price: 0", "remove this field"),
        ("offers.yaml", "years: 2", "years: -1", "years"),
        ("offers.yaml", "valid_to: 2025-12-31", "valid_to: 2022-12-31", "ends before it begins"),
        ("offers.yaml", "legal_basis: 20/2023/TT-BTC", "legal_basis: 99/2023/TT-BTC", "not in legal_bases.yaml"),
        ("offers.yaml", "document: 45/KH-UBND", "document: 46/KH-UBND", "not in legal_bases.yaml"),
        ("fees.yaml", "amount: 50000", "amount: 50.000", "amount"),
        ("fees.yaml", "amount: 50000", "amount: 50000\n    amount: 60000", "twice"),
        (
            "fees.yaml",
            "- product: id.vn\n    kind: registration",
            "- product: id.vn\n    kind: maintenance",
            "exactly one",
        ),
        ("operator.yaml", "name: Đơn", "name: [Đơn", "not YAML"),
        ("operator.yaml", "operator:", "office:", "exactly one key"),
        ("eligibility.yaml", "age_from: 18", "age_from: eighteen", "age_from"),
    ],
)
def test_a_broken_file_is_named_with_its_line_and_what_to_do(broken, file, old, new, told):
    error, line = broken(file, old, new)
    assert told in str(error)
    assert file in str(error)
    if told not in ("twice", "remove this field", "exactly one", "not YAML"):
        assert error.line == line
    else:
        assert abs(error.line - line) <= 3


def test_a_missing_field_is_told_at_its_record(broken):
    error, line = broken("fees.yaml", "    amount: 50000\n", "")
    assert "add this field" in str(error)
    assert abs(error.line - line) <= 2


def test_a_document_that_is_listed_twice_is_refused(broken):
    error, _ = broken("legal_bases.yaml", "- number: 826/QĐ-BTTTT", "- number: 45/KH-UBND")
    assert "twice" in str(error)


def test_a_fee_known_from_one_source_alone_is_refused(broken):
    confirmed = "section: lệ phí đăng ký, confidence: confirmed"
    error, _ = broken("fees.yaml", confirmed, confirmed.replace("confirmed", "single_source"))
    assert "one source alone" in str(error)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem", "told"),
    [
        (
            "duties.yaml",
            "key: science_supervises_results",
            "key: science_leads_plan",
            ContentProblem.KEY_TAKEN,
            "science_leads_plan names another record already",
        ),
        (
            "claims.yaml",
            "key: free_for_pupils",
            "key: science_leads_plan",
            ContentProblem.KEY_TAKEN,
            "science_leads_plan names another record already",
        ),
        (
            "agencies.yaml",
            "name: Sở Tài chính\n    aliases: [",
            "name: Sở Tài chính\n    aliases: [SO KHOA HOC, ",
            ContentProblem.CALLING_SHARED,
            "SO KHOA HOC calls two agencies",
        ),
        (
            "duties.yaml",
            "[Sở Khoa học và Công nghệ]",
            "[sở khoa học]",
            ContentProblem.AGENCY_UNKNOWN,
            "sở khoa học is not in agencies.yaml",
        ),
        (
            "duties.yaml",
            "key: science_leads_plan",
            "key: Science-leads",
            ContentProblem.NOT_IN_FORM,
            "duties.0.key: is not written in the form of its neighbours",
        ),
        (
            "duties.yaml",
            "about: [ask_agency_role, ask_programme]",
            "about: [ask_agency_roles]",
            ContentProblem.NOT_A_CHOICE,
            "must be one of ask_programme",
        ),
        (
            "registrars.yaml",
            "site: https://",
            "site: http://",
            ContentProblem.NOT_IN_FORM,
            "site: is not written in the form of its neighbours",
        ),
    ],
)
def test_a_record_that_does_not_go_with_the_others_is_named_with_its_line(broken, file, old, new, problem, told):
    error, line = broken(file, old, new)
    assert error.problem is problem
    assert told in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    ("old", "new", "intent"),
    [
        ("- intent: withdraw_consent", "- intent: ask_cost", "ask_cost"),
        ("  - intent: ask_why_vn\n    asked_as:\n", "", "ask_why_vn"),
    ],
)
def test_an_intent_that_is_asked_for_in_two_entries_or_none_is_told_at_the_list(
    broken, content_directory, old, new, intent
):
    error, _ = broken("topics.yaml", old, new)
    assert error.problem is ContentProblem.TOPIC_NOT_ONCE
    assert f"{intent} must have exactly one entry" in str(error)
    text = (content_directory / "topics.yaml").read_text("utf-8")
    assert error.line == text[: text.index("- intent:")].count("\n") + 1


def test_a_part_of_the_offer_without_any_record_is_refused(content_directory, tmp_path):
    shutil.copytree(content_directory, tmp_path, dirs_exist_ok=True)
    offers = tmp_path / "offers.yaml"
    offers.write_text(offers.read_text("utf-8").replace("kind: services", "kind: waiver"), "utf-8")
    with pytest.raises(ContentError, match="no services record"):
        load_programme(tmp_path)


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(InvalidInputError, match=r"operator\.yaml"):
        load_programme(tmp_path)
