import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.handoffs.references import SIGNS, new_reference, read_reference
from bot.settings import ROOT

PLACES = (3, 4, 5, 6, 8, 9, 10, 11)
MADE = st.sampled_from([new_reference() for _ in range(200)])


@pytest.fixture(scope="module")
def find_entities():
    sys.path.append(str(ROOT / "nlu"))
    from components.grammar import find_entities  # noqa: PLC0415 - of the NLU folder, which is no package of ours

    return find_entities


@given(st.sampled_from(PLACES), st.sampled_from(SIGNS), MADE)
def test_any_one_wrong_sign_is_noticed(place, sign, reference):
    wrong = reference[:place] + sign + reference[place + 1 :]
    assert read_reference(wrong) == (reference if wrong == reference else None)


@given(st.sampled_from(PLACES), st.sampled_from(PLACES), MADE)
def test_any_two_signs_that_changed_places_are_noticed(one, other, reference):
    signs = list(reference)
    signs[one], signs[other] = signs[other], signs[one]
    wrong = "".join(signs)
    assert read_reference(wrong) == (reference if wrong == reference else None)


@pytest.mark.parametrize(
    "write",
    [
        str.lower,
        lambda reference: reference.replace("-", " "),
        lambda reference: reference.replace("-", ""),
        lambda reference: reference.removeprefix("HD-"),
        lambda reference: f"  {reference.replace('-', ' – ')} ",
        lambda reference: " ".join(reference.replace("-", "")),
    ],
)
def test_a_reference_is_read_however_it_is_typed(write):
    reference = new_reference()
    assert read_reference(write(reference)) == reference


@pytest.mark.parametrize(
    "text", ["", "HD-", "HD-2222", "xin chào", "HD-OOOO-IIII", "HD-2222-2222-2222", "\x00", "𝟚" * 8]
)
def test_what_is_no_reference_is_none(text):
    assert read_reference(text) is None


def test_references_are_not_repeated_and_begin_alike():
    made = [new_reference() for _ in range(2_000)]
    assert len(set(made)) == len(made)
    assert all(reference.startswith("HD-") and len(reference) == 12 for reference in made)


def test_no_sign_looks_or_sounds_like_another():
    assert len(SIGNS) == len(set(SIGNS)) == 17
    for alike in ("0OQD", "1IL", "2Z", "5S", "6G", "8B", "UV", "MN", "LN", "BPTDV", "CSX", "GJ", "KC", "IY"):
        assert len(set(alike) & set(SIGNS)) <= 1, alike


def test_the_assistant_finds_every_reference_in_a_sentence(find_entities):
    for _ in range(300):
        reference = new_reference()
        for said in (reference, reference.lower().replace("-", " ")):
            found = [entity.value for entity in find_entities(f"cho em hỏi yêu cầu {said} tới đâu rồi")]
            assert reference in found, said


def test_the_assistant_understands_every_reference_read_out_sign_by_sign(find_entities):
    said_signs = "hai, ba, bốn, năm, sáu, bảy, tám, chín, ép, hát, ca, em, e rờ, tê, vê kép, ích, y dài"
    names = dict(zip(SIGNS, said_signs.split(", "), strict=True))
    for _ in range(100):
        reference = new_reference()
        said = " ".join(names[sign] for sign in reference[3:].replace("-", ""))
        found = [entity.value for entity in find_entities(f"mã hát đê {said}")]
        if sum(map(str.isdigit, reference)) >= 2:
            assert reference in found, said
