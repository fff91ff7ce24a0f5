"""The conversation on top of the walk: what somebody says or presses in a guide, and what follows; no I/O.

Each function takes where somebody stands and gives what is said, where they stand then, and what is counted. A button
carries the place that it was shown at, so that pressing one of an older step, or the same twice, does what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import get_args

from bot.core.guides.counts import Counted, Tally
from bot.core.guides.records import (
    LANGUAGES,
    Guides,
    Language,
    Level,
    Medium,
    Place,
    Platform,
    Procedure,
    Provider,
    Trouble,
)
from bot.core.guides.telling import TOPIC, Telling
from bot.core.guides.walk import Asked, Chosen, Ended, Missing, NoGuide, Position, Reason, Walk, Wish
from bot.core.replies import Button, Picture, Press, Reply
from bot.core.text import fold

GUIDING, AT, LEVEL = "guiding", "guide_at", "guide_level"
"""The entities that only these buttons carry: what one does that is no intent, its place, and a level of security."""
BRANCH, GO, SPEAK, TAKE_UP = "branch", "go", "speak", "take_up"
"""What `GUIDING` begins with: take a branch, go where a trouble leads to, speak a language, go on at the step of a
code. Its object follows."""
RESUME, ANEW, SECRET = "resume", "anew", "secret"
SECRET_PASTED = Press.of(TOPIC, **{GUIDING: SECRET})
"""What stands for a message that was nothing but a secret."""
_CODE = re.compile(r"(?:lam tiep|tiep tuc|teruskan|continue)[ :]+(?P<code>[a-z]{2} ?[1-9]\d?)[ .!]*")
FORM = "guide_form"
"""Rasa's form that leads the conversation while somebody is in a guide."""

_CHOICES: Mapping[Asked, tuple[str, Sequence[str]]] = {
    "token_provider": ("token_provider", get_args(Provider)),
    "procedure": ("procedure", get_args(Procedure)),
    "platform": ("platform", get_args(Platform)),
    "medium": ("medium", get_args(Medium)),
    "level": (LEVEL, get_args(Level)),
}
"""The entity that answers each question, and its values."""
_TITLES = (
    "ask_scam_safety",
    "cancel",
    "guide_again",
    "guide_back",
    "guide_done",
    "guide_go_there",
    "guide_other",
    "guide_resume",
    "guide_still_stuck",
    "guide_stuck",
)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands.

    Attributes:
        language: the one they want.
        wish: what they said of what they want and have, while something of it is still to be asked; else None.
        position: their step; kept while a wish for another guide is asked about.
    """

    language: Language = "vi"
    wish: Wish | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What follows; `is_over` when the guide is left: its place is kept where the stand still has one."""

    replies: tuple[Reply, ...]
    stand: Stand
    counted: tuple[Counted, ...] = ()
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Speaks about the guides of one content; `contact` is the operator's person to turn to."""

    guides: Guides
    contact: str

    @property
    def walk(self) -> Walk:
        """The way through the guides."""
        return Walk(self.guides)

    def start(self, stand: Stand, heard: Wish) -> Said:
        """Take up what somebody says of what they want or have: a guide, a question, a change half-way, or none."""
        if stand.wish is None and stand.position is not None:
            return self._change(stand, stand.position, heard)
        return self._choose(stand, _merged(stand.wish or Wish(), heard))

    def asked(self, wish: Wish) -> Asked | None:
        """Name what must be asked next about a wish; None where nothing is missing."""
        found = self.walk.choose(wish)
        return found.asks[0] if isinstance(found, Missing) else None

    def anew(self, stand: Stand, heard: Wish) -> Said:
        """Begin another guide, wherever somebody was in one."""
        return self._choose(replace(stand, wish=None), heard)

    def resume(self, stand: Stand) -> Said:
        """Go on at the step that is kept, or with the question that is open."""
        if stand.wish is not None or stand.position is None:
            return self._choose(stand, stand.wish or Wish())
        return Said((self._step(stand, stand.position, resumed=True),), stand)

    def again(self, stand: Stand) -> Said:
        """Say the step, or the open question, once more."""
        if stand.wish is not None or stand.position is None:
            return self._choose(stand, stand.wish or Wish())
        return Said((self._step(stand, stand.position),), stand)

    def next(self, stand: Stand, position: Position) -> Said:
        """Go on: the step is done."""
        return self._moved(stand, position, self.walk.next(position))

    def back(self, stand: Stand, position: Position) -> Said:
        """Go back one step."""
        return self._told(stand, self.walk.back(position))

    def branch(self, stand: Stand, position: Position, key: str) -> Said:
        """Take one of the step's branches."""
        branch = self.walk.step(position).branch(key)
        if branch is None:
            return self._told(stand, position)
        told = self._telling(stand).branch(position, branch)
        moved = self.walk.branch(position, key)
        if moved == position:
            shown = replace(told, buttons=self._step_buttons(stand, position))
            return Said((shown,), replace(stand, wish=None, position=position))
        return self._moved(stand, position, moved, first=told)

    def go_to(self, stand: Stand, position: Position, place: Place) -> Said:
        """Go where a known trouble leads to."""
        moved = self.walk.go_to(position, place)
        return self._told(stand, moved, counted=() if moved == position else (_count(Tally.REACHED, moved),))

    def problem(self, stand: Stand, position: Position) -> Said:
        """Help somebody who is stuck: known troubles, the requirements, then a person."""
        offered = self.walk.problem(position)
        reply = replace(
            self._telling(stand).help(offered, contact=self.contact),
            buttons=self._help_buttons(stand, offered.position, offered.troubles),
        )
        counted = (_count(Tally.STUCK, position),) if position.stuck == 0 else ()
        return Said((reply,), replace(stand, wish=None, position=offered.position), counted)

    def secret(self, stand: Stand, position: Position) -> Said:
        """Refuse what looks like a secret."""
        reply = self._telling(stand).secret_refused(position)
        return Said((replace(reply, buttons=self._step_buttons(stand, position)),), stand)

    def pause(self, stand: Stand) -> Said:
        """Leave the guide; the place is kept."""
        if stand.position is None:
            return Said((), replace(stand, wish=None), is_over=True)
        reply = replace(self._telling(stand).paused(stand.position), buttons=self._resume_buttons(stand))
        code = f"{self.walk.guide(stand.position).code}{stand.position.step}"
        elsewhere = Reply(stand.position.topic, "guide_elsewhere", {"language": stand.language, "code": code})
        counted = (_count(Tally.LEFT, stand.position),)
        return Said((elsewhere, reply), replace(stand, wish=None), counted, is_over=True)

    def take_up(self, stand: Stand, code: str) -> Said:
        """Go on at the step of a code that somebody got where they stopped, on whatever channel that was."""
        guide = self.guides.guide_of_code(code[:2])
        position = None if guide is None or not code[2:].isdecimal() else self.walk.at(guide.id, int(code[2:]))
        if position is None:
            return self.resume(stand)
        there = replace(stand, wish=None, position=position)
        return Said((self._step(there, position, resumed=True),), there)

    def remind(self, stand: Stand, *, is_understood: bool = True, goes_on: bool = True) -> Said:
        """Say where somebody is, after something else was answered or when a message was not understood.

        Not `goes_on`: they may be talking to a swindler, and are not urged on.
        """
        if not goes_on and stand.position is not None:
            reply = self._telling(stand).paused(stand.position)
            return Said((replace(reply, buttons=self._resume_buttons(stand)),), stand)
        if stand.wish is not None or stand.position is None:
            return self._choose(stand, stand.wish or Wish())
        number, of = self.walk.progress(stand.position)
        facts = {"language": stand.language, "step": number, "of": of, "is_understood": is_understood}
        buttons = self._step_buttons(stand, stand.position, again=True)
        return Said((Reply(stand.position.topic, "guide_reminder", facts, buttons),), stand)

    def speak(self, stand: Stand, language: Language) -> Said:
        """Go on in another language."""
        return self.again(replace(stand, language=language))

    def _choose(self, stand: Stand, wish: Wish) -> Said:
        found = self.walk.choose(wish)
        if isinstance(found, Chosen):
            opening = self._telling(stand).opening(found.position)
            return self._told(stand, found.position, first=opening, counted=(_count(Tally.REACHED, found.position),))
        if isinstance(found, Missing):
            asked = found.asks[0]
            question = replace(self._telling(stand).question(asked), buttons=_answers(stand.language, asked))
            return Said((question,), replace(stand, wish=wish))
        return self._refused(replace(stand, wish=None), found.reason)

    def _refused(self, stand: Stand, reason: Reason) -> Said:
        """Say that there is none; somebody who is at a step stays there, anybody else leaves the guides.

        Nobody whose token is not ours is led on by a button.
        """
        reply = self._telling(stand).none(reason, contact=self.contact)
        is_ours = reason not in (Reason.VN_PROVIDER, Reason.UNKNOWN_PROVIDER)
        if is_ours and stand.position is not None:
            return Said((replace(reply, buttons=self._resume_buttons(stand)),), stand)
        anew = _anew(stand, is_ours=is_ours)
        safety = _button(stand, "ask_scam_safety", "ask_scam_safety")
        return Said((replace(reply, buttons=(anew, safety)),), stand, is_over=True)

    def _change(self, stand: Stand, position: Position, heard: Wish) -> Said:
        """Take up what somebody says of what they want or have in the middle of a guide."""
        guide = self.walk.guide(position)
        if heard.provider in ("vn_provider", "unknown"):
            # The steps so far were for another token.
            refused = self._choose(stand, heard)
            return replace(refused, stand=Stand(stand.language), counted=(_count(Tally.LEFT, position),))
        if heard.medium is not None and self.walk.step(position).branch(heard.medium) is not None:
            return self.branch(stand, position, heard.medium)
        if heard.procedure not in (None, guide.procedure_at(position.step)):
            known = Wish("mycukai", heard.procedure, guide.platform)
            return self._choose(stand, _merged(known, heard))
        if heard.platform is None and heard.medium is None and heard.level is None:
            return self.resume(stand)
        found = self.walk.switch(position, platform=heard.platform, medium=heard.medium, level=heard.level)
        if isinstance(found, NoGuide):
            return self._refused(stand, found.reason)
        if isinstance(found, Missing):
            known = Wish("mycukai", guide.procedure_at(position.step), guide.platform, level=guide.level)
            return self._choose(stand, _merged(known, heard))
        if found.position == position:
            return self.resume(stand)
        first = None if found.keeps_place else self._telling(stand).opening(found.position)
        return self._told(stand, found.position, first=first, counted=(_count(Tally.REACHED, found.position),))

    def _moved(self, stand: Stand, position: Position, moved: Position | Ended, *, first: Reply | None = None) -> Said:
        done = _count(Tally.DONE, position)
        if isinstance(moved, Ended):
            end = self._telling(stand).ended(moved)
            replies = (replace(end, buttons=(_anew(stand, is_ours=True),)),)
            counted = done if moved.is_done else _count(Tally.LEFT, position)
            return Said(
                replies if first is None else (first, *replies), Stand(stand.language), (counted,), is_over=True
            )
        counts = () if moved == position else (done, _count(Tally.REACHED, moved))
        return self._told(stand, moved, first=first, counted=counts)

    def _told(
        self, stand: Stand, position: Position, *, first: Reply | None = None, counted: tuple[Counted, ...] = ()
    ) -> Said:
        there = replace(stand, wish=None, position=position)
        step = self._step(there, position)
        return Said((step,) if first is None else (first, step), there, counted)

    def _step(self, stand: Stand, position: Position, *, resumed: bool = False) -> Reply:
        telling = self._telling(stand)
        reply = telling.step(position, resumed=resumed)
        picture = None
        if self.walk.step(position).has_picture:
            described = telling.picture(position)
            picture = Picture(picture_name(position), described.template, described.facts)
        return replace(reply, buttons=self._step_buttons(stand, position), picture=picture)

    def _step_buttons(self, stand: Stand, position: Position, *, again: bool = False) -> tuple[Button, ...]:
        step, at = self.walk.step(position), {AT: self.walk.encode(position)}
        buttons = [] if step.must_choose else [_button(stand, "guide_done", "guide_next", **at)]
        buttons += [
            _button(stand, f"guide_branch_{branch.key}", TOPIC, **{GUIDING: f"{BRANCH}:{branch.key}", **at})
            for branch in step.branches
        ]
        buttons.append(_button(stand, "guide_stuck", "guide_problem", **at))
        if again:
            buttons.append(_button(stand, "guide_again", "guide_repeat", **at))
        elif self.walk.back(position) != position:
            buttons.append(_button(stand, "guide_back", "guide_back", **at))
        return (*buttons, _button(stand, "cancel", "cancel"))

    def _help_buttons(self, stand: Stand, position: Position, troubles: Sequence[Trouble]) -> tuple[Button, ...]:
        at = {AT: self.walk.encode(position)}
        helped = _button(stand, "guide_done", "guide_next", **at)
        if self.walk.step(position).must_choose:
            helped = _button(stand, "guide_again", "guide_repeat", **at)
        places = dict.fromkeys(trouble.leads_to for trouble in troubles if trouble.leads_to is not None)
        leads = [
            _button(stand, "guide_go_there", TOPIC, **{GUIDING: f"{GO}:{place.guide}.{place.step}", **at})
            for place in list(places)[:1]
        ]
        stuck = _button(stand, "guide_still_stuck", "guide_problem", **at)
        back = _button(stand, "guide_back", "guide_back", **at)
        return (helped, *leads, stuck, back, _button(stand, "cancel", "cancel"))

    def _resume_buttons(self, stand: Stand) -> tuple[Button, ...]:
        resume = _button(stand, "guide_resume", TOPIC, **{GUIDING: RESUME})
        return (resume, _button(stand, "ask_scam_safety", "ask_scam_safety"))

    def _telling(self, stand: Stand) -> Telling:
        return Telling(self.guides, stand.language)


def read_code(text: str) -> Press | None:
    """Read "làm tiếp st2", which goes on at a step wherever it is typed; None for anything else."""
    found = _CODE.fullmatch(" ".join(fold(text).split()))
    return None if found is None else Press.of(TOPIC, **{GUIDING: f"{TAKE_UP}:{found['code'].replace(' ', '')}"})


def every_title(guides: Guides) -> Iterator[str]:
    """Give the title of every button that the guides may show, in each of their languages."""
    branches = {branch.key for guide in guides.guides for step in guide.steps for branch in step.branches}
    titles = [*_TITLES, *(f"guide_branch_{key}" for key in sorted(branches))]
    titles += [f"guide_{asked}_{value}" for asked, (_, values) in _CHOICES.items() for value in values]
    titles += [f"guide_language_{language}" for language in LANGUAGES]
    yield TOPIC
    for language in LANGUAGES:
        yield from (_titled(language, title) for title in titles)


def picture_name(position: Position) -> str:
    """Give the name of a step's picture."""
    return f"{position.guide}/{position.step}"


def _answers(language: Language, asked: Asked) -> tuple[Button, ...]:
    """Give the answers to a question as buttons; with the first one, the other languages."""
    entity, values = _CHOICES[asked]
    stand = Stand(language)
    answers = [_button(stand, f"guide_{asked}_{value}", TOPIC, **{entity: value}) for value in values]
    if asked == "token_provider":
        answers += [
            _button(stand, f"guide_language_{other}", TOPIC, **{GUIDING: f"{SPEAK}:{other}"})
            for other in LANGUAGES
            if other != language
        ]
    return (*answers, _button(stand, "cancel", "cancel"))


def _anew(stand: Stand, *, is_ours: bool) -> Button:
    """Give the button that begins another guide; whose token it is is asked again unless it is known to be ours."""
    provider = {"token_provider": "mycukai"} if is_ours else {}
    return _button(stand, "guide_other", TOPIC, **{GUIDING: ANEW}, **provider)


def _button(stand: Stand, title: str, intent: str, **entities: str) -> Button:
    return Button(_titled(stand.language, title), Press.of(intent, **entities))


def _titled(language: Language, title: str) -> str:
    return title if language == "vi" else f"{language}:{title}"


def _merged(known: Wish, heard: Wish) -> Wish:
    told = {each.name: getattr(heard, each.name) for each in fields(Wish)}
    return replace(known, **{name: value for name, value in told.items() if value is not None})


def _count(tally: Tally, position: Position) -> Counted:
    return Counted(tally, position.guide, position.step)
