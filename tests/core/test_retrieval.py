import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.retrieval import Index


def index_of(*texts, spelled_out=None):
    """Index texts, each found as itself."""
    return Index([(text, [text]) for text in texts], spelled_out=spelled_out or {})


def found(index, question):
    return [hit.item for hit in index.search(question)]


@pytest.mark.parametrize("typed", ["ho kinh doanh", "HỘ KINH DOANH", "Hộ  kinh\ndoanh?", "(hộ-kinh-doanh)"])
def test_accents_capitals_and_signs_make_no_difference(typed):
    index = index_of("tên miền", "hộ kinh doanh")
    assert index.search(typed) == index.search("hộ kinh doanh")
    assert found(index, typed) == ["hộ kinh doanh"]


def test_a_rare_word_weighs_more_than_a_common_one():
    rare, *common = index_of("phí một", "phí hai", "lệ ba").search("phí lệ")
    assert rare.item == "lệ ba"
    assert [hit.item for hit in common] == ["phí một", "phí hai"]
    assert all(rare.score > hit.score and rare.coverage > hit.coverage for hit in common)


def test_syllables_that_stand_together_fit_better_than_the_same_ones_apart():
    together, apart = index_of("miền của tên", "tên của miền", "tên miền của").search("tên miền")[:2]
    assert together.item == "tên miền của"
    assert together.score > apart.score
    assert together.coverage == pytest.approx(1)
    assert together.coverage > apart.coverage


def test_a_pair_does_not_reach_from_one_phrase_into_the_next():
    index = Index([("apart", ["hộ tên", "miền hộ"]), ("together", ["hộ hộ", "tên miền"])], spelled_out={})
    assert found(index, "tên miền") == ["together", "apart"]


@pytest.mark.parametrize(
    ("written", "typed"),
    [("hộ kinh doanh", "hkd"), ("HKD", "ho kinh doanh"), ("hkd", "HKD"), ("đăng ký", "dk"), ("ĐK", "đăng ký")],
)
def test_abbreviations_are_spelled_out_in_texts_and_questions(written, typed):
    index = index_of(written, "tên miền", spelled_out={"hkd": "hộ kinh doanh", "đk": "Đăng ký"})
    assert [(hit.item, hit.coverage) for hit in index.search(typed)] == [(written, pytest.approx(1))]


def test_an_abbreviation_within_a_longer_word_is_left_alone():
    assert found(index_of("hộ kinh doanh", spelled_out={"hkd": "hộ kinh doanh"}), "hkdx") == []


@pytest.mark.parametrize(
    ("typed", "holds"),
    [
        ("4.026", "chỉ tiêu 4.026 tên"),
        ("45/KH-UBND.", "theo 45/KH-UBND,"),
        ("id.vn?", "đuôi id.vn"),
        ("026", None),
        ("45", None),
        ("biz", None),
    ],
)
def test_numbers_and_names_are_found_as_a_whole(typed, holds):
    index = index_of("chỉ tiêu 4.026 tên", "theo 45/KH-UBND,", "đuôi id.vn", "đuôi biz.vn")
    assert found(index, typed) == ([holds] if holds else [])


def test_coverage_is_the_part_of_the_question_that_a_text_holds():
    whole, more, less = index_of("tên miền quốc gia", "tên miền quốc tế", "tên người").search("tên miền quốc gia")
    assert whole.coverage == pytest.approx(1)
    assert 1 > more.coverage > less.coverage > 0


def test_words_that_no_text_holds_lower_the_coverage_but_not_the_score():
    index = index_of("tên miền", "hộ kinh doanh")
    (plain,), (strange,) = index.search("tên miền"), index.search("tên miền xyz")
    assert strange.score == plain.score
    assert strange.coverage < plain.coverage


def test_words_that_the_question_repeats_score_once():
    index = index_of("phí tên miền", "hộ kinh doanh")
    (once,), (thrice,) = index.search("phí"), index.search("phí phí, phí!")
    assert thrice.score == once.score


def test_a_text_fits_better_the_more_often_and_the_shorter_it_says_a_word():
    assert found(index_of("phí tên miền", "phí phí miền"), "phí") == ["phí phí miền", "phí tên miền"]
    assert found(index_of("phí tên miền mỗi năm", "phí tên"), "phí") == ["phí tên", "phí tên miền mỗi năm"]


@pytest.mark.parametrize("typed", ["xe máy", "", " ", "?!", "日本"])
def test_a_question_that_shares_no_word_finds_nothing(typed):
    assert index_of("tên miền", "hộ kinh doanh").search(typed) == []


def test_an_empty_index_finds_nothing():
    assert index_of().search("tên miền") == []


def test_what_fits_equally_well_keeps_the_order_given():
    items = [3, 1, 2]
    index = Index([(item, ["tên miền"]) for item in items], spelled_out={})
    assert found(index, "tên") == items


WORDS = ["tên", "miền", "TÊN", "hkd", "hộ", "id.vn", "4.026", "45/KH-UBND", ".", "-", "İ", "ß", "\u0301", "\ud800"]
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=8).map(" ".join)


@given(st.lists(texts, max_size=6), texts)
def test_any_text_can_be_searched_for_and_the_best_comes_first(written, question):
    hits = index_of(*written, "tên miền", spelled_out={"hkd": "hộ kinh doanh"}).search(question)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    for hit in hits:
        assert hit.score > 0
        assert 0 < hit.coverage <= 1
