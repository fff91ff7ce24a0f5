"""What holds of every fact that the grammar reads, however its message was typed."""

import unicodedata

import pytest
import yaml
from components.grammar import find_entities

from bot.settings import ROOT
from tests.growth import grows_linearly
from tests.nlu import (
    test_grammar_certificates as certificates,
)
from tests.nlu import (
    test_grammar_contacts as contacts,
)
from tests.nlu import (
    test_grammar_day as day,
)
from tests.nlu import (
    test_grammar_spoken as spoken,
)
from tests.nlu.reading import read, without_accents

TABLES = (
    contacts.PHONES, contacts.EMAILS, contacts.CODES, certificates.PLATFORMS, certificates.MEDIA,
    certificates.PROVIDERS, certificates.PROCEDURES, day.ACTIVITIES, day.AGENCIES, day.PLACES, day.DATES,
    day.LANGUAGES, spoken.NAMES, spoken.PRODUCTS, spoken.DAYS, spoken.AGES,
)  # fmt: skip
TEXTS = [row[0] for table in TABLES for row in table]
# Without their accents these are other words as well: "o kep", "cài usb ký số".
TOLD_BY_ACCENTS = frozenset({"ở Kép", "cái usb ký số"})


def told(text):
    return [(name, value) for name, value, _ in read(text) if name != "subject"]  # whose shop it is, is told elsewhere


def test_the_domain_knows_every_entity_that_is_read():
    files = (ROOT / "nlu" / "domain").glob("*.yml")
    known = {entity for file in files for entity in yaml.safe_load(file.read_text("utf-8")).get("entities", ())}
    assert {name for text in TEXTS for name, _, _ in read(text)} <= known


@pytest.mark.parametrize("text", TEXTS)
def test_accents_typed_apart_change_nothing(text):
    apart = unicodedata.normalize("NFD", text)
    found = [(name, value, unicodedata.normalize("NFC", typed)) for name, value, typed in read(apart)]
    assert found == read(text)


@pytest.mark.parametrize("text", TEXTS)
def test_blanks_before_a_message_move_the_spans_and_change_nothing_else(text):
    moved = [(entity.name, entity.value, entity.start - 3, entity.end - 3) for entity in find_entities(f" \n {text}")]
    assert moved == [(entity.name, entity.value, entity.start, entity.end) for entity in find_entities(text)]


@pytest.mark.parametrize("text", TEXTS)
def test_capitals_change_nothing(text):
    if text.isupper() or "Kép" in text or "Vôi" in text or "Long Duc" in text:  # names of places are told by them
        return
    assert [fact for fact in told(text.upper()) if fact[0] != "locality"] == [
        fact for fact in told(text) if fact[0] != "locality"
    ]


@pytest.mark.parametrize("text", [text for text in TEXTS if text not in TOLD_BY_ACCENTS])
def test_facts_without_accents_are_the_same(text):
    assert told(without_accents(text)) == told(text)


@pytest.mark.parametrize("text", [text for text in TEXTS if " " in text and text not in TOLD_BY_ACCENTS])
def test_facts_of_half_typed_messages_are_the_same(text):
    words = text.split(" ")
    half = " ".join(without_accents(word) if position % 2 else word for position, word in enumerate(words))
    assert told(half) == told(text)


HOSTILE = [
    "0", "0 ", "0900 000 12", "+84 ", "+", "(0", "khong ", "khong chin tram ", "a@", "a@b.", "a.", "a a cong ", " at ",
    "a cong gmail cham ", "hd 4w8p ", "hd-", "ma la ca bay em ", "k7m4q", "k7m-", "cham biz cham vn ", "quan ba ba ",
    "cham ", "ai di cham ", "a . ", "biz . ", "token ", "cai token ", "cai giup giup ", "ky bang ", "kiem tra giup ",
    "khong biet cua ben ", "win ", "mac ", "tren dien thoai ", "to cong nghe so ", "dien dan ket noi doanh nghiep ",
    "so thong tin va ", "o cau ", "xa cau ke ", "10/", "10/10 ", "10.", "muoi thang ", "ngay mung ", "hai muoi thang ",
    "hai nghin khong tram ", "nam hai khong ", "tieng ", "tieng viet ", "bahasa ",
]  # fmt: skip
LENGTH = 2_000


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_with_the_length_and_no_faster(unit):
    once = (unit * LENGTH)[:LENGTH] + "x"
    twice = (unit * LENGTH * 2)[: LENGTH * 2] + "x"
    assert grows_linearly(lambda: find_entities(once), lambda: find_entities(twice))
