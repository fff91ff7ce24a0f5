"""Between Rasa's slots and entities and the core's dialogue of guides: what a message says, and what is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode

from actions.chat import Chat
from bot.core.guides.dialogue import AT, LEVEL, Said, Stand
from bot.core.guides.languages import language_of
from bot.core.guides.progress import LANGUAGE, PLACE
from bot.core.guides.records import LANGUAGES, Level, Medium, Platform, Procedure, Provider
from bot.core.guides.walk import Position, Walk, Wish
from bot.core.replies import Effect
from bot.core.text import fold

WISH, ASKING = "guide_wish", "guide_asking"
"""What was said of a wish that lacks something, and the slot that the form is for ever asking for."""

_VALUES = {
    "provider": get_args(Provider),
    "procedure": get_args(Procedure),
    "platform": get_args(Platform),
    "medium": get_args(Medium),
    "level": get_args(Level),
}
_ENTITIES = {
    "provider": "token_provider",
    "procedure": "procedure",
    "platform": "platform",
    "medium": "medium",
    "level": LEVEL,
}
_LEVELS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("high", re.compile(r"(?<!\w)(?:high|cao|tinggi)(?!\w)")),
    ("medium", re.compile(r"(?<!\w)(?:medium|trung binh|vua|sederhana)(?!\w)")),
)
_MEDIA: tuple[tuple[Medium, re.Pattern[str]], ...] = (
    ("softcert", re.compile(r"(?<!\w)(?:soft ?cert|p12|pfx|chung thu mem)(?!\w)")),
    ("token", re.compile(r"(?<!\w)(?:token|usb)(?!\w)")),
    ("roaming", re.compile(r"(?<!\w)roaming(?!\w)")),
)
_TOLD_TO = re.compile(
    r"(?<!\w)(?:co (?:nguoi|ai|mot nguoi|so la)|nguoi la|ai do|can bo|cong an|nhan vien|ngan hang|ho(?! so)"
    r"|someone|orang)(?!\w)"
    r".{0,40}(?<!\w)(?:goi|nhan|bao|bat|yeu cau|keu|doi|called|asked|told|telefon|suruh)(?!\w)"
    r".{0,40}(?<!\w)(?:cai|tai|bam|nhap|ky|cam|mo|install|download|pasang|muat turun)(?!\w)"
)


def told_by_a_stranger(text: str) -> bool:
    """Tell whether somebody was called or written to and told to install or sign: a warning comes first then."""
    return _TOLD_TO.search(" ".join(fold(text).split())) is not None


def read_stand(chat: Chat, walk: Walk) -> Stand:
    """Read where somebody stands, in the language that this message asks for or is written in."""
    kept = _one_of(LANGUAGES, chat.slots.get(LANGUAGE))
    # Once a language is settled, "next" and the like say nothing of another one.
    spoken = language_of(chat.text) if kept is None or len(chat.text.split()) >= _SENTENCE else None
    language = _one_of(LANGUAGES, chat.entity("language")) or spoken or kept or "vi"
    wish = chat.slots.get(WISH)
    return Stand(
        language=language,
        wish=_read_wish(wish) if isinstance(wish, str) else None,
        position=walk.decode(str(chat.slots.get(PLACE, ""))),
    )


def heard_wish(chat: Chat, *, is_asked_level: bool = False) -> Wish:
    """Read what a message says of what its writer wants and has; a bare "high" only where the level was asked."""
    values: dict[str, Any] = {name: _one_of(_VALUES[name], chat.entity(entity)) for name, entity in _ENTITIES.items()}
    folded = fold(chat.text)
    if values["medium"] is None and values["procedure"] in ("sign", "verify"):
        # The words for these two take the medium into their span: "ký bằng token" is one entity.
        values["medium"] = next((medium for medium, words in _MEDIA if words.search(folded)), None)
    if values["level"] is None and folded:
        named = is_asked_level or re.search(r"(?<!\w)(?:muc|level|tahap|bao mat|security)(?!\w)", folded)
        values["level"] = next((level for level, words in _LEVELS if named and words.search(folded)), None)
    return Wish(**values)


def position_of(chat: Chat, stand: Stand, walk: Walk) -> Position | None:
    """Give the place that a message is about: the one that its button was shown at, or where its writer is."""
    at = chat.entity(AT)
    return stand.position if at is None else walk.decode(str(at)) or stand.position


def slots_of(said: Said, walk: Walk) -> Mapping[str, Any]:
    """Give the slots that hold where somebody stands."""
    stand = said.stand
    return {
        PLACE: None if stand.position is None else walk.encode(stand.position),
        LANGUAGE: stand.language,
        WISH: None if stand.wish is None or said.is_over else _write_wish(stand.wish),
    }


def effect_of(said: Said, chat: Chat, walk: Walk) -> Effect | None:
    """Give what must be written: a new place or language, what is counted, or that the guide is over."""
    counts = " ".join(map(str, said.counted))
    position, kept = said.stand.position, chat.slots.get(PLACE)
    if position is None:
        return Effect("guide.end", {"counts": counts}) if kept or counts else None
    place = walk.encode(position)
    if (place, said.stand.language) == (kept, chat.slots.get(LANGUAGE)) and not counts:
        return None
    step = {"guide": position.guide, "step": str(position.step), "place": place}
    return Effect("guide.keep", {**step, "language": said.stand.language, "counts": counts})


_NOTHING = "-"
_SENTENCE = 3
"""Words from which a message tells its language."""


def _write_wish(wish: Wish) -> str:
    told = {name: getattr(wish, name) for name in _VALUES if getattr(wish, name) is not None}
    return urlencode(told) or _NOTHING  # the dialogue's state keeps no empty texts


def _read_wish(text: str) -> Wish:
    told = dict(parse_qsl(text))
    return Wish(**{name: _one_of(values, told.get(name)) for name, values in _VALUES.items()})


def _one_of(values: tuple[Any, ...], value: object) -> Any:
    return next((known for known in values if known == value), None)
