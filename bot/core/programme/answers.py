"""Answers to questions about the programme: the narrow fact first, dated and sourced, with buttons to go on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

from bot.core.events.answers import Events
from bot.core.programme.content import Programme
from bot.core.programme.finding import Finder, Question
from bot.core.programme.localities import Gazetteer, Renamed
from bot.core.programme.naming import check_name
from bot.core.programme.offers import OfferStanding, cited, distinct, offer_facts, offer_standing
from bot.core.programme.overviews import Scope, Told, fees_of_open, overview
from bot.core.programme.points import INTENTS, Claim, Point
from bot.core.programme.records import PRODUCTS, Product
from bot.core.programme.topics import NEIGHBOURS, OF_THE_DAY, topic_button
from bot.core.replies import Button, Json, Press, Reply, Source

ANSWERED: frozenset[str] = frozenset((*INTENTS, *OF_THE_DAY))
"""The intents that `Answers` has answers to."""

PRODUCT_OF_SUBJECT: Mapping[str, Product] = {
    "citizen": "id.vn",
    "student": "id.vn",
    "enterprise": "biz.vn",
    "household_business": "biz.vn",
}
"""Which product is made for a kind of applicant; the taxonomy's other subjects have none."""

DATED: frozenset[str] = frozenset(
    {
        "ask_programme",
        "ask_offer",
        "ask_cost",
        "ask_eligibility",
        "ask_duration",
        "ask_renewal",
        "ask_programme_period",
        "ask_how_to_register",
        "ask_registrars",
        "start_registration",
        "ask_use_services",
    }
)
"""Intents whose answer depends on where the offer stands, which is then told in the first two sentences."""

DATED_STATEMENTS: frozenset[str] = frozenset(
    {"ask_offer", "ask_cost", "ask_eligibility", "ask_duration", "ask_programme_period"}
)
"""Of these, the ones about price, period or eligibility: a statement about them is told with it as well."""

_URGENT = "report_scam"
"""Who tells of a fraud is warned, whatever else the words are about."""

_TIMELESS = frozenset({"ask_scam_safety", "report_scam", "ask_privacy"})
"""Topics whose statements go on holding when the plan is over, so that its end is not told beside them."""

_OUTSIDE_THE_OFFER = frozenset({"com.vn", "other"})

_TOLD_BY_TEMPLATE = frozenset(
    {
        "ask_programme",
        "ask_offer",
        "ask_cost",
        "ask_eligibility",
        "ask_duration",
        "ask_programme_period",
        "check_registration_status",
        "report_scam",
        "check_bulletin",
    }
)
"""Intents whose general answer fills the screen without a statement; the leading ones follow on demand."""

_ROOM, _ROOM_BESIDE_STANDING = 400, 280
"""How many letters of statements fit a phone's screen, alone and beside where the offer stands."""

_ROOM_OF: Mapping[str, int] = {
    "ask_how_to_register": 340,
    "ask_legal_basis": 250,
    "ask_privacy": 250,
    "ask_renewal": 90,
    "ask_registrars": 80,
    "ask_support": 130,
    "ask_use_services": 280,
}
"""The same beside general answers that are long themselves."""


class Answers:
    """Answers questions about one programme; built once, then only read."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._finder = Finder(programme)
        self._gazetteer = Gazetteer(programme.localities)
        self._events = Events(programme)

    def answer(self, question: Question, *, on: date) -> Reply:
        """Answer a question whose intent is one of `ANSWERED`, as things stand on a day.

        What is about Digital Transformation Day is answered by its own plan. What is not so and was repeated by the
        citizen is corrected; else the statements that the question is about are told; else the general answer of the
        intent. Entities narrow all of these.
        """
        of_the_day = self._of_the_day(question, on)
        if of_the_day is not None:
            return of_the_day
        claim = self._finder.claim(question)
        if claim is not None:
            return self._correction(claim, question, on)
        if question.intent == "check_domain" and question.domain_name:
            return self._check(question)
        points = self._pressed(question) or self._finder.find(question, on).points
        if points:
            return self._statements(points, question, on)
        duties = self._duties(question, on)
        if duties:
            return self._statements(duties, question, on, goes_on=True)
        return self._check(question) if question.intent == "check_domain" else self._general(question, on)

    def find(self, question: Question, *, on: date) -> Reply | None:
        """Answer a message whose intent has no answer or is not clear; None unless its words leave no doubt."""
        of_the_day = self.about_the_day(question, on=on)
        if of_the_day is not None:
            return of_the_day
        found = self._finder.find(question, on)
        return self._statements(found.points, question, on) if found.is_sure else None

    def about_the_day(self, question: Question, *, on: date) -> Reply | None:
        """Answer a message about Digital Transformation Day; None unless it names the Day or its words leave no doubt.

        Of 2,158 messages about other things one finds an answer (2026-11-21).
        """
        return self._events.answer(question, on=on)

    def _of_the_day(self, question: Question, on: date) -> Reply | None:
        """Answer what is about the Day; its own intents always get an answer, from either plan."""
        if question.intent == _URGENT:
            return None
        reply = self._events.answer(question, on=on)
        if reply is None and question.intent in OF_THE_DAY:
            found = self._finder.find(question, on)
            reply = self._statements(found.points, question, on) if found.is_sure else None
            return reply or self._events.general(question, on=on)
        return reply

    def _check(self, question: Question) -> Reply:
        meant = product_asked(question.product, question.subject)
        return check_name(self._programme.naming, question.domain_name, meant)

    def _pressed(self, question: Question) -> Sequence[Point]:
        return [point for point in self._programme.points if point.key == question.point]

    def _duties(self, question: Question, on: date) -> Sequence[Point]:
        """Give all that the agency asked about has to do; nothing where no agency was named."""
        return [point for point in self._programme.points if question.agency in point.agencies and point.holds(on)]

    def _statements(self, points: Sequence[Point], question: Question, on: date, *, goes_on: bool = False) -> Reply:
        """Tell statements, as many as fit; with a button for the rest where the list can be gone through."""
        best = points[0]
        topic = question.intent if question.intent in (*INTENTS, *best.about) else best.about[0]
        free = any(point.promises_free for point in points)
        dated = free or topic in DATED_STATEMENTS or best.about[0] in DATED_STATEMENTS
        told, rest = _fitting(points[question.after :] or points, _ROOM_BESIDE_STANDING if dated else _ROOM)
        named: Sequence[Product] = [product for product in PRODUCTS if any(product in each.products for each in told)]
        products = named or _narrowed(question)
        facts, sources = self._beside(told, question, on)
        if dated:
            standing, of_standing = self._standing(products, on)
            # Where the offer stands says already that the plan is over.
            facts, sources = {**facts, **standing, "plan_over": None}, (*sources, *of_standing)
        shown: dict[str, Json] = {
            "points": [point.says for point in told],
            "listed": question.after > 0,
            "keeps_papers": topic == "ask_documents",
            "standing_first": len(told) > 1 or _SENTENCE_END.search(told[0].says) is not None,
            **facts,
        }
        more = [_more(question, topic, len(told))] if rest and goes_on else []
        return Reply(
            topic=topic,
            template="points",
            facts=shown,
            buttons=(*more, *_neighbours(topic, products, question.subject)),
            sources=distinct((*_sources(told), *sources)),
        )

    def _general(self, question: Question, on: date) -> Reply:
        intent = question.intent
        products = _narrowed(question)
        scope = Scope(self._programme, [offer_standing(self._programme, each, on) for each in products], on)
        leads = [
            point
            for point in self._programme.points
            if intent in point.leads and point.holds(on) and _within(point, products)
        ]
        if leads and (question.after or question.point == _LEADS):
            return self._statements(leads, question, on, goes_on=True)
        told, rest = ((), leads) if intent in _TOLD_BY_TEMPLATE else _fitting(leads, _room(intent))
        more = [_more(question, intent, len(told))] if rest else []
        facts, sources = overview(intent, scope)
        beside, of_beside = self._beside(told, question, on)
        offers = scope.offers if intent in DATED else ()
        return Reply(
            topic=intent,
            template=intent,
            facts={
                "points": [point.says for point in told],
                "outside_the_offer": question.product in _OUTSIDE_THE_OFFER,
                "subject": question.subject,
                **beside,
                "offers": offer_facts(self._programme, offers),
                **facts,
            },
            buttons=(*more, *_neighbours(intent, products, question.subject)),
            sources=distinct((*_sources(told), *sources, *_offers_sources(offers), *of_beside)),
        )

    def _correction(self, claim: Claim, question: Question, on: date) -> Reply:
        topic = question.intent
        facts: dict[str, Json] = {"offers": [], "fees": None}
        sources = cited(claim.sources)
        products = _narrowed(question)
        if claim.promises_free:
            standing, of_standing = self._standing(products, on)
            facts, sources = {**facts, **standing}, (*sources, *of_standing)
        return Reply(
            topic=topic,
            template="correction",
            facts={
                "corrects": claim.corrects,
                "doubtful": claim.doubtful,
                "asked": question.is_put_as_question,
                **facts,
            },
            buttons=_neighbours(topic, products, question.subject),
            sources=distinct(sources),
        )

    def _standing(self, products: Sequence[Product], on: date) -> Told:
        """Tell where the offers stand, and what they cost later where they are open."""
        offers = [offer_standing(self._programme, product, on) for product in products]
        fees, of_fees = fees_of_open(Scope(self._programme, offers, on))
        return {"offers": offer_facts(self._programme, offers), **fees}, (*_offers_sources(offers), *of_fees)

    def _beside(self, told: Sequence[Point], question: Question, on: date) -> Told:
        """Tell what has changed since about places and bodies that the statements or the question name."""
        said = " ".join(point.says for point in told)
        renamed = distinct((*self._gazetteer.units_named(said, on), *self._gazetteer.units_named(question.text, on)))
        if not renamed and question.locality:
            renamed = self._gazetteer.find(question.locality, on)
        ended = [
            agency
            for agency in self._programme.agencies
            if agency.until and agency.until < on and (agency.name in said or agency.name == question.agency)
        ]
        plan = self._programme.legal_basis(PLAN)
        over = plan.in_force_to if plan.in_force_to and plan.in_force_to < on else None
        rests_on_plan = any(
            citation.document == PLAN
            for point in told
            if not _TIMELESS & set(point.about)
            for citation in point.sources
        )
        facts: dict[str, Json] = {
            "offers": [],
            "fees": None,
            "renamed": [_renamed(unit) for unit in renamed],
            "ended": [{"name": agency.name, "now": agency.now} for agency in ended],
            "plan_over": over.isoformat() if over and rests_on_plan else None,
        }
        sources = (
            *(source for unit in renamed for source in cited(unit.sources)),
            *(source for agency in ended for source in cited(agency.sources)),
        )
        return facts, sources


_LEADS = "leads"
"""Pressed instead of a statement's key: the statements that lead the topic, from the first."""

_SENTENCE_END = re.compile(r"[.!?]\s")

PLAN = "45/KH-UBND"
"""The provincial plan; it ended with the programme's phase, and what it says is then told as of that time."""


def product_asked(product: str | None, subject: str | None) -> Product | None:
    """Give the product that somebody means by naming it, or else by who they are; None when neither tells."""
    for known in PRODUCTS:
        if product == known:
            return known
    return PRODUCT_OF_SUBJECT.get(subject) if subject else None


def _narrowed(question: Question) -> Sequence[Product]:
    meant = product_asked(question.product, question.subject)
    of_subject = product_asked(None, question.subject)
    if meant is None:
        return PRODUCTS
    # A shop owner who asks whether they qualify for id.vn is told of the product that is made for them as well.
    if question.intent == "ask_eligibility" and of_subject is not None and of_subject != meant:
        return PRODUCTS
    return (meant,)


def _within(point: Point, products: Sequence[Product]) -> bool:
    return not point.products or bool(set(point.products) & set(products))


def _room(intent: str) -> int:
    return _ROOM_OF.get(intent, _ROOM_BESIDE_STANDING if intent in DATED else _ROOM)


def _fitting(points: Sequence[Point], room: int) -> tuple[Sequence[Point], Sequence[Point]]:
    """Give as many statements as fit into the room, at least one if there is any, and the rest."""
    lengths = accumulate(len(point.says) for point in points)
    count = max(1, sum(length <= room for length in lengths))
    return points[:count], points[count:]


def _sources(points: Sequence[Point]) -> tuple[Source, ...]:
    return tuple(source for point in points for source in cited(point.sources))


def _offers_sources(offers: Sequence[OfferStanding]) -> tuple[Source, ...]:
    return tuple(source for offer in offers for source in offer.sources)


def _renamed(unit: Renamed) -> dict[str, Json]:
    return {"old": unit.old, "now": unit.now, "since": unit.since.isoformat()}


def _more(question: Question, topic: str, told: int) -> Button:
    """Give the button that goes on after what has been told."""
    named = {"product": question.product, "subject": question.subject, "agency": question.agency}
    entities = {name: value for name, value in named.items() if value is not None}
    after = question.after + told
    return Button("more", Press.of(topic, **entities, **({"after": after} if after else {"point": _LEADS})))


def _neighbours(topic: str, products: Sequence[Product], subject: str | None) -> tuple[Button, ...]:
    entities: dict[str, str] = {"product": products[0]} if len(products) == 1 else {}
    if subject is not None and subject in PRODUCT_OF_SUBJECT:
        entities["subject"] = subject
    return tuple(topic_button(neighbour, **entities) for neighbour in NEIGHBOURS[topic])
