"""Whether a wished name keeps the rules: how it is read, what it breaks, and names that keep them.

Nothing here can tell whether a name is still free: only the registrar's check at ordering can, and the reply says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, chain, islice, zip_longest
from unicodedata import combining, normalize

from bot.core.programme.naming_content import Naming, ProtectedNames
from bot.core.programme.offers import cited, distinct
from bot.core.programme.records import PRODUCTS, Citation, Product
from bot.core.programme.topics import topic_button
from bot.core.replies import Json, Reply
from bot.core.text import fold

SUGGESTED = 2
"""How many names are suggested."""

# These only tell where the wished name ends, so a list that is not complete does no harm.
_ZONES_UNDER_VN = re.compile("ac|ad|ai|ap|biz|com|edu|gov|health|id|info|int|io|name|net|on|org|pro")
_ZONES_ELSEWHERE = re.compile("asia|biz|co|com|id|info|io|me|net|online|org|shop|site|store|top|xyz")

_LONGEST_READ = 253  # of any domain name, zone included
_LONGEST_SHOWN = 40
_ENCODED = "xn--"
_AROUND = " .,;:?!\"'`()<>[]\u201c\u201d\u2018\u2019"
_SPOKEN_DOT = re.compile(r"\s+(?:ch\u1ea5m|cham)\s+(?=(?:id|biz|com|net|org|vn)\b)")
_SPACED_ZONE = re.compile(r"(?:^|[\s.]+)(id|biz)[\s.]+vn$")
_AFTER_ADDRESS = re.compile(r"(?<=\.vn)[/?#:].*", re.DOTALL)
_PLAIN = re.compile(r"[a-z0-9-]+")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")

# What follows here belongs to a longer syllable: "truongsa" is not found in "truongsach" or "truongsao".
_NOT_INSIDE_SYLLABLE = r"(?![aeiouy]|(?:ch|ng|nh|[cghmnpt])(?![a-z]))"


class Problem(StrEnum):
    """What a wished name runs into, the weightiest first; the template ``check_domain`` has words for each."""

    EMPTY = "empty"
    NOT_OUR_PRODUCT = "not_our_product"
    PROVINCE = "province"
    ONE_OR_TWO_CHARACTERS_SECOND_LEVEL = "one_or_two_characters_second_level"
    SUBDOMAIN = "subdomain"
    DIACRITICS = "diacritics"
    SPACES = "spaces"
    BAD_CHARACTER = "bad_character"
    HYPHEN_AT_EDGE = "hyphen_at_edge"
    DOUBLE_HYPHEN = "double_hyphen"
    TOO_LONG = "too_long"
    PROTECTED = "protected"


_OF_FORM = frozenset(
    {
        Problem.DIACRITICS,
        Problem.SPACES,
        Problem.BAD_CHARACTER,
        Problem.HYPHEN_AT_EDGE,
        Problem.DOUBLE_HYPHEN,
        Problem.TOO_LONG,
    }
)


@dataclass(frozen=True, slots=True)
class DomainName:
    """A name as somebody wishes for it.

    Attributes:
        label: what they would register: lower case, composed, whatever else it holds; empty when nothing is left.
        zone: what it stands under ("biz.vn", "com"); None when they did not say.
        above: labels in front of it ("shop" in shop.quanbaba.biz.vn).
    """

    label: str
    zone: str | None = None
    above: tuple[str, ...] = ()

    @property
    def product(self) -> Product | None:
        """The product whose name it is; None when it is another's, or when the zone was not said."""
        return next((product for product in PRODUCTS if product == self.zone), None)

    @property
    def registrable(self) -> str:
        """The name without what stands in front of it."""
        return ".".join(part for part in (self.label, self.zone) if part)

    def __str__(self) -> str:
        return ".".join((*self.above, self.registrable))


@dataclass(frozen=True, slots=True)
class NameVerdict:
    """What there is to say about a wished name.

    Attributes:
        name: the name as it was read, with the product's zone where that was clear.
        product: the product it is wished for; None when open.
        problems: what it runs into; empty when it keeps the rules.
        protected_as: which kind of protected name it seems to be.
        suggestions: two other full names that keep the rules.
        derived: whether they are made of the wish; otherwise nothing of it could stay and they are mere examples.
        sources: where the rules stand that were judged by.
    """

    name: DomainName
    product: Product | None
    problems: tuple[Problem, ...]
    protected_as: str | None
    suggestions: tuple[str, ...]
    derived: bool
    sources: tuple[Citation, ...]

    @property
    def tells_form(self) -> bool:
        """Whether the rules of form decide: the name keeps them, or breaks one."""
        return set(self.problems) <= {Problem.PROTECTED} or not _OF_FORM.isdisjoint(self.problems)


def parse_name(text: str) -> DomainName:
    """Read a wished name out of what somebody typed: a bare name, a full one, a web or an email address.

    Case, "www", dots and spaces around it, a zone typed with spaces and the encoded form (xn--) are all read as what
    they stand for. Reading the result again gives the same.
    """
    labels = [_decoded(label) for part in _spelled(text).split(".") if (label := part.strip(_AROUND))]
    while len(labels) > 1 and labels[0] == "www":
        del labels[0]
    zone_labels = _zone_labels(labels)
    if not zone_labels:
        # Dots that lead to no zone are letters of the wish, such as "nguyen.van.an".
        return DomainName(".".join(labels))
    *above, label = labels[:-zone_labels] or [""]
    return DomainName(label, ".".join(labels[-zone_labels:]), tuple(above))


def judge_name(naming: Naming, name: DomainName, product: Product | None = None) -> NameVerdict:
    """Judge a name; `product` is what somebody wants it for, where the name itself does not say."""
    meant = name.product or product
    if name.zone is None and meant:
        name = DomainName(name.label, meant, name.above)
    protected = _protected_as(naming, name.label)
    problems = tuple(_problems(naming, name, protected))
    return NameVerdict(
        name=name,
        product=meant,
        problems=problems,
        protected_as=protected.why if protected else None,
        suggestions=tuple(islice(_suggestions(naming, name, meant), SUGGESTED)),
        derived=bool(_usable_words(naming, name.label)),
        sources=tuple(_citations(naming, problems)),
    )


def check_name(naming: Naming, wish: str | None, product: Product | None) -> Reply:
    """Tell whether a wished name keeps the rules and where to look it up; ask for one when none was named."""
    verdict = judge_name(naming, parse_name(wish or ""), product)
    unnamed = Problem.EMPTY in verdict.problems
    facts: dict[str, Json] = {
        "name": None if unnamed else _shown(str(verdict.name)),
        "registrable": None if unnamed else _shown(verdict.name.registrable),
        "zone_open": verdict.name.zone is None,
        "problems": [problem.value for problem in verdict.problems],
        "protected_as": verdict.protected_as,
        "longest_label": naming.longest_label,
        "auctioned_up_to": naming.auctioned_up_to,
        "suggestions": list(verdict.suggestions),
        "derived": verdict.derived,
        "rules_document": naming.sources.form[0].document if verdict.tells_form else None,
        "lookup": {"name": naming.lookup.name, "url": naming.lookup.url},
    }
    about = {"product": verdict.product} if verdict.product else {}
    # A name that keeps the rules can go straight into a request to a registrar.
    wished = {} if unnamed or verdict.problems else {**about, "domain_name": str(verdict.name)}
    return Reply(
        topic="check_domain",
        template="check_domain",
        facts=facts,
        buttons=(
            *([topic_button("start_registration", **wished)] if wished else []),
            *(topic_button(topic, **about) for topic in ("ask_naming_rules", "ask_registrars", "ask_cost")),
        ),
        sources=distinct(cited(naming.sources.lookup if unnamed else verdict.sources)),
    )


def _spelled(text: str) -> str:
    """Give the host of what was typed: lower case, in one Unicode form, single spaces, zone with its dots."""
    seen = "".join(letter for letter in text if letter.isprintable() or letter.isspace())
    plain = " ".join(normalize("NFKC", normalize("NFKC", seen).lower()).split())
    _, after_scheme, address = plain.rpartition("://")
    if after_scheme:
        plain = re.split(r"[/?#:]", address)[0]
    mailbox, _, host = _AFTER_ADDRESS.sub("", plain).rpartition("@")
    plain = (host or mailbox.replace("@", "")).strip(_AROUND)
    return _SPACED_ZONE.sub(r".\1.vn", _SPOKEN_DOT.sub(".", plain))[:_LONGEST_READ].strip(_AROUND)


def _decoded(label: str) -> str:
    """Give an encoded label as it reads, if it is one that can be typed; any other stays as it is."""
    if not label.startswith(_ENCODED):
        return label
    try:
        decoded = label.removeprefix(_ENCODED).encode("ascii").decode("punycode")
    except ValueError:
        return label
    typed = decoded == _spelled(decoded) and not decoded.isascii()
    return decoded if typed and "." not in decoded and not decoded.startswith(_ENCODED) else label


def _zone_labels(labels: Sequence[str]) -> int:
    """Count the labels of the zone at the end; none when there is only a name."""
    if labels[-1:] == ["vn"]:
        return 2 if len(labels) > 1 and _ZONES_UNDER_VN.fullmatch(labels[-2]) else 1
    return 1 if len(labels) > 1 and _ZONES_ELSEWHERE.fullmatch(labels[-1]) else 0


def _problems(naming: Naming, name: DomainName, protected: ProtectedNames | None) -> Iterator[Problem]:
    label = name.label
    if not label:
        yield Problem.EMPTY
        return
    if name.zone and not name.product:
        yield Problem.NOT_OUR_PRODUCT
    if name.zone == "vn":
        if _is_province(naming, label):
            yield Problem.PROVINCE
        if len(label) <= naming.auctioned_up_to:
            yield Problem.ONE_OR_TWO_CHARACTERS_SECOND_LEVEL
    elif name.above and name.product:
        yield Problem.SUBDOMAIN
    yield from _problems_of_form(naming, label)
    if protected:
        yield Problem.PROTECTED


def _problems_of_form(naming: Naming, label: str) -> Iterator[Problem]:
    odd = set(_PLAIN.sub("", label))
    accented = {letter for letter in odd if not letter.isascii() and (combining(letter) or fold(letter).isascii())}
    if accented:
        yield Problem.DIACRITICS
    if " " in odd:
        yield Problem.SPACES
    if odd - accented - {" "}:
        yield Problem.BAD_CHARACTER
    if label.startswith("-") or label.endswith("-"):
        yield Problem.HYPHEN_AT_EDGE
    if "--" in label:
        yield Problem.DOUBLE_HYPHEN
    if _encoded_length(label) > naming.longest_label:
        yield Problem.TOO_LONG


def _encoded_length(label: str) -> int:
    """Measure a label as the name system holds it: accents count in their encoded form."""
    return len(label) if label.isascii() else len(_ENCODED) + len(label.encode("punycode"))


def _citations(naming: Naming, problems: Sequence[Problem]) -> Iterator[Citation]:
    sources = naming.sources
    of_problem = {
        **dict.fromkeys(_OF_FORM, sources.form),
        Problem.NOT_OUR_PRODUCT: sources.products,
        Problem.PROVINCE: sources.provinces,
        Problem.ONE_OR_TWO_CHARACTERS_SECOND_LEVEL: sources.auction,
        Problem.DIACRITICS: (*sources.form, *sources.accents),
        Problem.PROTECTED: sources.protected,
    }
    if set(problems) <= {Problem.PROTECTED}:
        yield from sources.form
    for problem in problems:
        yield from of_problem.get(problem, ())
    yield from sources.lookup


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _NOT_PLAIN.split(fold(text)) if word)


def _is_province(naming: Naming, label: str) -> bool:
    return "".join(_words(label)) in _province_labels(naming.provinces)


@lru_cache(maxsize=4)
def _province_labels(provinces: tuple[str, ...]) -> frozenset[str]:
    return frozenset("".join(_words(province)) for province in provinces)


def _protected_as(naming: Naming, label: str) -> ProtectedNames | None:
    parts = "-".join(_words(label))
    return next((kind for kind in naming.protected if _protected_pattern(kind.words).search(parts)), None)


@lru_cache(maxsize=64)
def _protected_pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Find one of the words where it begins or ends a part between hyphens, written with or without hyphens."""
    any_word = "|".join("-?".join(_words(word)) for word in words)
    return re.compile(rf"(?<![a-z0-9])(?:{any_word}){_NOT_INSIDE_SYLLABLE}|(?:{any_word})(?![a-z0-9])")


def _suggestions(naming: Naming, name: DomainName, product: Product | None) -> Iterator[str]:
    """Give full names that keep the rules, nearest to the wish first, each once and never the wish itself."""
    for_each = [_suggested_labels(naming, name, each) for each in ((product,) if product else PRODUCTS)]
    seen = {str(name), *(f"{name.label}.{each}" for each in PRODUCTS if name.zone is None)}
    # Where the product is open, the products take turns.
    for suggestion in chain.from_iterable(zip_longest(*for_each)):
        if suggestion and suggestion not in seen:
            seen.add(suggestion)
            yield suggestion


def _suggested_labels(naming: Naming, name: DomainName, product: Product) -> Iterator[str]:
    ideas = naming.ideas(product)
    words = _shortened(_usable_words(naming, name.label), naming.longest_label - 1 - max(map(len, ideas.suffixes)))
    base = "".join(words)
    own = [base, "-".join(words), *(f"{base}-{suffix}" for suffix in ideas.suffixes)] if words else []
    for label in (*own, *ideas.examples):
        suggestion = DomainName(label, product)
        reads_back = parse_name(str(suggestion)) == suggestion  # "www" would not
        keeps_rules = not any(_problems(naming, suggestion, _protected_as(naming, label)))
        if reads_back and keeps_rules and not _is_province(naming, label):
            yield str(suggestion)


def _usable_words(naming: Naming, label: str) -> tuple[str, ...]:
    """Give the words of a wish without accents and without what is protected."""
    words = _words(label)
    for kind in naming.protected:
        words = _words(_protected_pattern(kind.words).sub("-", "-".join(words)))
    return words


def _shortened(words: Sequence[str], room: int) -> Sequence[str]:
    """Give as many whole words as there is room for; of a first word that alone is too long, its beginning."""
    whole = [word for word, length in zip(words, accumulate(map(len, words)), strict=True) if length <= room]
    return whole or [word[:room] for word in words[:1]]


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "…"
