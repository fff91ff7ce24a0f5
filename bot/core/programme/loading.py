"""Reading ``bot/content/`` from disk into a checked `Programme`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import product as pairs
from pathlib import Path
from typing import Any, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ValidationError

from bot.core.errors import InvalidInputError
from bot.core.programme.content import PRODUCTS, FeeKind, OfferKind, Programme

Place: TypeAlias = tuple[str | int, ...]


class ContentProblem(Enum):
    """What can be wrong with a content file; the text is for developers; operators are told in their own language."""

    UNREADABLE = "cannot be read ({reason}); restore the file"
    NOT_TEXT = "is not text: {reason}; remove it"
    NOT_YAML = "is not YAML: {reason}; correct it"
    NOT_ONE_TOP_KEY = "must hold exactly one key at its top: `{key}:`"
    REPEATED_KEY = "`{key}` stands here twice; keep one"

    MISSING_FIELD = "{place}: is missing; add this field"
    UNKNOWN_FIELD = "{place}: is not known; remove this field or correct its name"
    NOT_A_CHOICE = "{place}: must be one of {choices}"
    NOT_A_DAY = "{place}: must be a day of the calendar, written like 2025-12-31"
    NOT_A_WHOLE_NUMBER = "{place}: must be a whole number, without a dot"
    NOT_POSITIVE = "{place}: must be more than zero"
    NOT_TRUE_OR_FALSE = "{place}: must be true or false"
    NOT_A_TEXT = "{place}: must be a text; put it in quotation marks"
    EMPTY = "{place}: must not be empty"
    WRONG_SHAPE = "{place}: must have the shape of its neighbours"

    LISTED_TWICE = "{number} is listed twice; keep one"
    DOCUMENT_UNKNOWN = "{number} is not in legal_bases.yaml; add the document there or correct the number"
    ENDS_BEFORE_IT_BEGINS = "the record ends before it begins; correct one of the days"
    OFFER_MISSING = "there is no {kind} record for {product}; add one"
    FEE_NOT_ONCE = "there must be exactly one {kind} fee for {product}"
    FEE_UNCONFIRMED = "no confirmed document states this fee; a fee is never told from one source alone"


_PROBLEM_BY_TYPE = {
    "missing": ContentProblem.MISSING_FIELD,
    "extra_forbidden": ContentProblem.UNKNOWN_FIELD,
    "literal_error": ContentProblem.NOT_A_CHOICE,
    "value_error": ContentProblem.NOT_A_DAY,  # only `content.Day` reads by a function of ours
    "date_type": ContentProblem.NOT_A_DAY,
    "int_type": ContentProblem.NOT_A_WHOLE_NUMBER,
    "greater_than": ContentProblem.NOT_POSITIVE,
    "bool_type": ContentProblem.NOT_TRUE_OR_FALSE,
    "string_type": ContentProblem.NOT_A_TEXT,
    "string_too_short": ContentProblem.EMPTY,
    "too_short": ContentProblem.EMPTY,
}


class ContentError(InvalidInputError):
    """A content file cannot be used: the file, the line (from 1), the problem and the facts that its text names."""

    def __init__(self, *, file: Path, line: int, problem: ContentProblem, **facts: str) -> None:
        super().__init__(**facts)
        self.file = file
        self.line = line
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem.value.format_map(self.facts)}"


def load_programme(directory: Path) -> Programme:
    """Read every content file and check it against the others.

    Raises:
        ContentError: at the first thing that is missing, unreadable or contradicts the rest.
    """
    files = {name: _ContentFile(directory / f"{name}.yaml", name) for name in Programme.model_fields}
    try:
        programme = Programme.model_validate({name: file.content for name, file in files.items()})
    except ValidationError as error:
        first = error.errors()[0]
        place = first["loc"]
        problem = _PROBLEM_BY_TYPE.get(first["type"], ContentProblem.WRONG_SHAPE)
        choices = ", ".join(re.findall(r"'([^']+)'", str(first.get("ctx", {}).get("expected"))))
        path = ".".join(map(str, place))
        raise files[str(place[0])].error_at(place, problem, place=path, choices=choices) from error
    for place, problem, facts in _contradictions(programme):
        raise files[str(place[0])].error_at(place, problem, **facts)
    return programme


class _ContentLoader(yaml.SafeLoader):
    """YAML without days: `content.Day` reads them and knows where they stand."""


_ContentLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _ContentFile:
    """A YAML file with one key at its top, which is the file's name; remembers the line of everything in it."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problem = ContentProblem.UNREADABLE
            raise ContentError(file=path, line=1, problem=problem, reason=str(error)) from error
        try:
            loader = _ContentLoader(text)
            self._root = loader.get_single_node()
            content = None if self._root is None else loader.construct_document(self._root)
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise ContentError(file=path, line=line, problem=ContentProblem.NOT_TEXT, reason=error.reason) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            problem = ContentProblem.NOT_YAML
            raise ContentError(file=path, line=line, problem=problem, reason=str(error.problem)) from error
        if not isinstance(content, dict) or set(content) != {name}:
            line = 1 if self._root is None else self._root.start_mark.line + 1
            raise ContentError(file=path, line=line, problem=ContentProblem.NOT_ONE_TOP_KEY, key=name)
        self._refuse_repeated_keys(self._root)
        self.content: Any = content[name]

    def error_at(self, at: Place, problem: ContentProblem, **facts: str) -> ContentError:
        """Name a problem by the line where the place stands, or the closest line around it."""
        node: Any = self._root
        for step in at:
            inner = _step_into(node, step)
            if inner is None:
                break
            node = inner
        return ContentError(file=self._path, line=node.start_mark.line + 1, problem=problem, **facts)

    def _refuse_repeated_keys(self, node: Any) -> None:
        # YAML readers keep the last of two equal keys without a word.
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    problem = ContentProblem.REPEATED_KEY
                    raise ContentError(file=self._path, line=line, problem=problem, key=str(key.value))
                seen.add(key.value)
                self._refuse_repeated_keys(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._refuse_repeated_keys(item)


def _step_into(node: Any, step: str | int) -> Any | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step]
    return None


def _contradictions(programme: Programme) -> Iterator[tuple[Place, ContentProblem, dict[str, str]]]:
    """Yield what each record alone cannot show to be wrong, with its place and what its text names."""
    numbers = Counter(basis.number for basis in programme.legal_bases)
    for index, basis in enumerate(programme.legal_bases):
        if numbers[basis.number] > 1:
            yield ("legal_bases", index), ContentProblem.LISTED_TWICE, {"number": basis.number}
    for place, number in _citations(programme, ()):
        if number not in numbers:
            yield place, ContentProblem.DOCUMENT_UNKNOWN, {"number": number}
    for index, offer in enumerate(programme.offers):
        if offer.valid_to is not None and offer.valid_to < offer.valid_from:
            yield ("offers", index, "valid_to"), ContentProblem.ENDS_BEFORE_IT_BEGINS, {}
    offered = {(offer.product, offer.kind) for offer in programme.offers}
    for product, offer_kind in pairs(PRODUCTS, get_args(OfferKind)):
        if (product, offer_kind) not in offered:
            yield ("offers",), ContentProblem.OFFER_MISSING, {"kind": offer_kind, "product": product}
    stated = Counter((fee.product, fee.kind) for fee in programme.fees)
    for product, fee_kind in pairs(PRODUCTS, get_args(FeeKind)):
        if stated[product, fee_kind] != 1:
            yield ("fees",), ContentProblem.FEE_NOT_ONCE, {"kind": fee_kind, "product": product}
    for index, fee in enumerate(programme.fees):
        if all(statement.confidence != "confirmed" for statement in fee.stated_in):
            yield ("fees", index), ContentProblem.FEE_UNCONFIRMED, {}


def _citations(value: object, place: Place) -> Iterator[tuple[Place, str]]:
    """Yield every document number that is cited, with its place."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in ("document", "legal_basis"):
                yield (*place, name), inner
            else:
                yield from _citations(inner, (*place, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _citations(item, (*place, index))
