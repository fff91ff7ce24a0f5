from datetime import date, timedelta

import pytest

from bot.core.programme.content import PRODUCTS, Citation, Offer
from bot.core.programme.offers import CHECK_STAYS_FRESH, Standing, offer_facts, offer_standing, record_standing


def make_offer(**changes):
    record = {
        "product": "id.vn",
        "kind": "waiver",
        "includes": ["domain_name"],
        "years": 2,
        "legal_basis": "1/TT",
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        "last_checked": date(2025, 6, 1),
        "confidence": "confirmed",
        "sources": [Citation(document="1/TT", section="1")],
    }
    return Offer.model_validate({**record, **changes})


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2023-01-01", ("closed", "closed", "closed")),
        ("2023-06-01", ("open", "closed", "unsettled")),
        ("2024-05-20", ("open", "closed", "unsettled")),
        ("2024-05-21", ("open", "open", "open")),
        ("2025-06-01", ("open", "open", "open")),
        ("2025-12-31", ("open", "open", "open")),
        ("2026-01-01", ("unsettled", "closed", "unsettled")),
        ("2026-11-20", ("unsettled", "closed", "unsettled")),
        ("2030-01-01", ("unsettled", "closed", "unsettled")),
    ],
)
def test_the_offer_stands_as_its_documents_say(programme, product, day, expected):
    offer = offer_standing(programme, product, date.fromisoformat(day))
    assert (offer.waiver.standing, offer.services.standing, offer.standing) == expected


def test_a_known_period_is_open_on_its_last_day_and_closed_on_the_next():
    offer = make_offer(valid_to=date(2025, 12, 31))
    assert record_standing(offer, date(2025, 12, 31)) is Standing.OPEN
    assert record_standing(offer, date(2026, 1, 1)) is Standing.CLOSED
    assert record_standing(offer, date(2024, 12, 31)) is Standing.CLOSED


def test_an_unknown_end_is_believed_only_while_the_check_is_fresh():
    offer = make_offer()
    last_day = offer.last_checked + CHECK_STAYS_FRESH
    assert record_standing(offer, last_day) is Standing.OPEN
    assert record_standing(offer, last_day + timedelta(days=1)) is Standing.UNSETTLED


def test_an_unknown_end_from_one_source_is_never_believed():
    offer = make_offer(confidence="single_source")
    assert record_standing(offer, offer.last_checked) is Standing.UNSETTLED


def test_an_extension_is_added_as_a_record_and_opens_the_offer_again(programme):
    extension = {"valid_from": date(2026, 1, 1), "valid_to": date(2027, 12, 31), "legal_basis": "10/2025/TT-BTC"}
    services = make_offer(kind="services", includes=["website", "email"], **extension)
    extended = programme.model_copy(update={"offers": (*programme.offers, make_offer(**extension), services)})
    offer = offer_standing(extended, "id.vn", date(2026, 11, 20))
    assert offer.standing is Standing.OPEN
    assert offer.until == date(2027, 12, 31)
    assert offer_standing(extended, "biz.vn", date(2026, 11, 20)).standing is Standing.UNSETTLED


def test_what_ended_and_what_is_unsettled_are_told_apart(programme):
    (facts,) = offer_facts(programme, [offer_standing(programme, "id.vn", date(2026, 11, 20))])
    assert facts["services"]["ended_on"] == "2025-12-31"
    assert facts["services"]["unsettled_by"] is None
    assert facts["waiver"]["unsettled_by"] == {"kind": "Thông tư", "number": "10/2025/TT-BTC"}
    assert facts["waiver"]["one_source_only"]


def test_products_are_told_together_only_while_they_stand_alike(programme):
    both = [offer_standing(programme, product, date(2025, 6, 1)) for product in PRODUCTS]
    apart = [both[0], offer_standing(programme, "biz.vn", date(2026, 11, 20))]
    assert [group["products"] for group in offer_facts(programme, both)] == [["id.vn", "biz.vn"]]
    assert [group["products"] for group in offer_facts(programme, apart)] == [["id.vn"], ["biz.vn"]]
