"""Reading ``bot/content/`` from disk into a checked `Programme`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product as pairs
from pathlib import Path
from typing import Any, TypeAlias, get_args

import yaml
from pydantic import BaseModel, ValidationError

from bot.core.errors import InvalidInputError
from bot.core.programme.content import PRODUCTS, FeeKind, OfferKind, Programme

Place: TypeAlias = tuple[str | int, ...]

_ADVICE = {
    "missing": "add this field",
    "extra_forbidden": "remove this field or correct its name",
}


class ContentError(InvalidInputError):
    """A content file cannot be used: the file, the line (from 1) and what to do about it."""

    def __init__(self, *, file: Path, line: int, problem: str) -> None:
        self.file = file
        self.line = line
        self.problem = problem
        super().__init__(file=str(file), line=line, problem=problem)

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.problem}"


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
        advice = _ADVICE.get(first["type"], "correct this value")
        place = first["loc"]
        problem = f"{'.'.join(map(str, place))}: {first['msg']}; {advice}"
        raise files[str(place[0])].error_at(place, problem) from error
    for place, problem in _contradictions(programme):
        raise files[str(place[0])].error_at(place, problem)
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
            raise ContentError(file=path, line=1, problem=f"cannot be read ({error}); restore the file") from error
        try:
            loader = _ContentLoader(text)
            self._root = loader.get_single_node()
            content = None if self._root is None else loader.construct_document(self._root)
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise ContentError(file=path, line=line, problem=f"is not text: {error.reason}; remove it") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ContentError(file=path, line=line, problem=f"is not YAML: {error.problem}; correct it") from error
        if not isinstance(content, dict) or set(content) != {name}:
            line = 1 if self._root is None else self._root.start_mark.line + 1
            raise ContentError(file=path, line=line, problem=f"must hold exactly one key at its top: `{name}:`")
        self._refuse_repeated_keys(self._root)
        self.content: Any = content[name]

    def error_at(self, place: Place, problem: str) -> ContentError:
        """Name a problem by the line where the place stands, or the closest line around it."""
        node: Any = self._root
        for step in place:
            inner = _step_into(node, step)
            if inner is None:
                break
            node = inner
        return ContentError(file=self._path, line=node.start_mark.line + 1, problem=problem)

    def _refuse_repeated_keys(self, node: Any) -> None:
        # YAML readers keep the last of two equal keys without a word.
        if isinstance(node, yaml.MappingNode):
            seen = set()
            for key, value in node.value:
                if key.value in seen:
                    problem = f"`{key.value}` stands here twice; keep one"
                    raise ContentError(file=self._path, line=key.start_mark.line + 1, problem=problem)
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


def _contradictions(programme: Programme) -> Iterator[tuple[Place, str]]:
    """Yield what each record alone cannot show to be wrong, with its place."""
    numbers = Counter(basis.number for basis in programme.legal_bases)
    for index, basis in enumerate(programme.legal_bases):
        if numbers[basis.number] > 1:
            yield ("legal_bases", index), f"{basis.number} is listed twice; keep one"
    for place, number in _citations(programme, ()):
        if number not in numbers:
            yield place, f"{number} is not in legal_bases.yaml; add the document there or correct the number"
    for index, offer in enumerate(programme.offers):
        if offer.valid_to is not None and offer.valid_to < offer.valid_from:
            yield ("offers", index, "valid_to"), "the record ends before it begins; correct one of the days"
    offered = {(offer.product, offer.kind) for offer in programme.offers}
    for product, offer_kind in pairs(PRODUCTS, get_args(OfferKind)):
        if (product, offer_kind) not in offered:
            yield ("offers",), f"there is no {offer_kind} record for {product}; add one"
    stated = Counter((fee.product, fee.kind) for fee in programme.fees)
    for product, fee_kind in pairs(PRODUCTS, get_args(FeeKind)):
        if stated[product, fee_kind] != 1:
            yield ("fees",), f"there must be exactly one {fee_kind} fee for {product}"
    for index, fee in enumerate(programme.fees):
        if all(statement.confidence != "confirmed" for statement in fee.stated_in):
            yield ("fees", index), "no confirmed document states this fee; a fee is never told from one source alone"


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
