"""The golden files: every reply about the programme, as citizens read it, on a day of the offer and on one after it.

``python -m tests.core.programme.golden`` writes them anew; review the diff.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product as combinations
from pathlib import Path

from bot.core.programme import Programme, load_programme
from bot.core.programme.answers import ANSWERED, DATED, Answers
from bot.core.programme.finding import Question
from bot.core.programme.records import PRODUCTS
from bot.core.programme.topics import OF_THE_DAY
from bot.core.rendering import Renderer
from bot.core.replies import Reply
from bot.settings import ROOT

DAYS = (date(2025, 6, 1), date(2026, 11, 20))
DIRECTORY = Path(__file__).parent / "golden"

WISHED_NAMES = (
    "quanbaba.biz.vn",
    "quánbàba.id.vn",
    "quan_ba_ba",
    "-quan--ba-",
    "a",
    "tra-vinh",
    "hanoi.vn",
    "quanbaba.com",
    "x" * 64,
)


def questions(programme: Programme) -> Iterator[tuple[str, Question]]:
    """Yield everything that can be asked, each with a title: general answers, agencies, statements, claims, names."""
    for intent in sorted(ANSWERED - {"check_domain", *OF_THE_DAY}):
        yield intent, Question(intent)
        for product in PRODUCTS if intent in DATED else ():
            yield f"{intent} · {product}", Question(intent, product=product)
    for agency in programme.agencies:
        yield f"ask_agency_role · {agency.name}", Question("ask_agency_role", agency=agency.name)
    for point in programme.points:
        yield f"{point.about[0]} · {point.key}", Question(point.about[0], point=point.key)
    for claim in programme.claims:
        said = " ".join(group[0] for group in claim.mentions)
        yield f"{claim.about[0]} · “{said}”", Question(claim.about[0], text=said)
    yield "check_domain", Question("check_domain")
    for name, product in combinations(WISHED_NAMES, (None, *PRODUCTS)):
        yield (
            f"check_domain · {name} · {product or 'cả hai'}",
            Question("check_domain", domain_name=name, product=product),
        )


def replies(programme: Programme) -> Iterator[tuple[str, date, Reply]]:
    """Yield every reply on every day, page by page."""
    answers = Answers(programme)
    for title, question in questions(programme):
        for day in DAYS:
            page = question
            for number in range(1, 10):
                reply = answers.answer(page, on=day)
                yield title if number == 1 else f"{title} · trang {number}", day, reply
                following = [button.press for button in reply.buttons if button.title == "more"]
                if not following:
                    break
                page = Question.of(following[0].intent, dict(following[0].entities))


def files(programme: Programme, renderer: Renderer) -> Mapping[str, str]:
    """Give the golden files' texts by name; what reads alike on both days is written once."""
    told: defaultdict[str, dict[str, dict[date, str]]] = defaultdict(lambda: defaultdict(dict))
    for title, day, reply in replies(programme):
        told[title.split(" · ")[0]][title][day] = _shown(reply, renderer)
    return {name: "\n".join(_entry(title, days) for title, days in entries.items()) for name, entries in told.items()}


def _entry(title: str, days: Mapping[date, str]) -> str:
    if len(days) == len(DAYS) and len(set(days.values())) == 1:
        return f"## {title}\n{next(iter(days.values()))}"
    return "\n".join(f"## {title} · {day:%d/%m/%Y}\n{text}" for day, text in days.items())


def _shown(reply: Reply, renderer: Renderer) -> str:
    text = renderer.render(reply.template, channel="web", facts=reply.to_json()["facts"])
    sources = "; ".join(f"{source.document}, {source.section}" for source in reply.sources)
    buttons = " | ".join(renderer.title(button.title) for button in reply.buttons)
    return f"{text}\n  nguồn: {sources or 'không'}\n  nút: {buttons}\n"


def main() -> None:
    """Write the files."""
    texts = files(load_programme(ROOT / "bot" / "content"), Renderer(ROOT / "templates"))
    for path in DIRECTORY.glob("*.txt"):
        path.unlink()
    for name, text in texts.items():
        (DIRECTORY / f"{name}.txt").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
