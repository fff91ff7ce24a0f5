"""Reading ``bot/content/`` from disk into a checked `Programme`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from bot.core.errors import InvalidInputError
from bot.core.programme.consistency import contradictions
from bot.core.programme.content import Programme
from bot.core.programme.content_problems import ContentProblem, Place

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
    "string_pattern_mismatch": ContentProblem.NOT_IN_FORM,
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
    files = {name: ContentFile(directory / f"{name}.yaml", name) for name in Programme.model_fields}
    try:
        programme = Programme.model_validate({name: file.content for name, file in files.items()})
    except ValidationError as error:
        file = files[str(error.errors()[0]["loc"][0])]
        raise file.refused(error) from error
    for place, problem, facts in contradictions(programme):
        raise files[str(place[0])].error_at(place, problem, **facts)
    return programme


_WITHOUT_DAYS = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _ContentLoader(yaml.SafeLoader):
    """YAML without days: `content.Day` reads them and knows where they stand."""

    yaml_implicit_resolvers = _WITHOUT_DAYS


class _FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # the C one where there is one
    """The same by libyaml, in a tenth of the time; where YAML is broken it may name the line after."""

    yaml_implicit_resolvers = _WITHOUT_DAYS


def _read_yaml(text: str) -> tuple[Any, Any]:
    """Give the root node and what it holds; None and None for an empty text.

    Raises:
        yaml.YAMLError: the text is not YAML; with the line where it goes wrong.
    """
    try:
        return _compose(_FastLoader(text))
    except yaml.YAMLError:
        return _compose(_ContentLoader(text))


def _compose(loader: Any) -> tuple[Any, Any]:
    root = loader.get_single_node()
    return root, None if root is None else loader.construct_document(root)


class ContentFile:
    """A YAML file with one key at its top, which is the file's name; remembers the line of everything in it."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problem = ContentProblem.UNREADABLE
            raise ContentError(file=path, line=1, problem=problem, reason=str(error)) from error
        try:
            self._root, content = _read_yaml(text)
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

    def refused(self, error: ValidationError, *, under: Place = ()) -> ContentError:
        """Name the first thing that a record refuses; `under` is where the record stands in the file."""
        first = error.errors()[0]
        place = (*under, *first["loc"])
        problem = _PROBLEM_BY_TYPE.get(first["type"], ContentProblem.WRONG_SHAPE)
        choices = ", ".join(re.findall(r"'([^']+)'", str(first.get("ctx", {}).get("expected"))))
        return self.error_at(place, problem, place=".".join(map(str, place)), choices=choices)

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
