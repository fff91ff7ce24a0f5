"""Reading ``bot/content/guides/`` from disk into checked `Guides`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from bot.core.guides.records import Guide, Guides, Manual, Step
from bot.core.programme.content_problems import ContentProblem, Place
from bot.core.programme.loading import ContentFile

Shape = TypeVar("Shape", bound=BaseModel)
Contradiction: TypeAlias = tuple[Place, ContentProblem, dict[str, str]]


def load_guides(directory: Path) -> Guides:
    """Read the manual's facts and each guide that they name from ``guides/`` below the content's `directory`.

    Raises:
        ContentError: at the first thing that is missing, unreadable or contradicts the rest.
    """
    manual = _read(Manual, ContentFile(directory / "guides" / "manual.yaml", "manual"), "manual")
    files = {guide_id: ContentFile(directory / "guides" / f"{guide_id}.yaml", guide_id) for guide_id in manual.guides}
    guides = Guides(manual=manual, guides=tuple(_read(Guide, file, name) for name, file in files.items()))
    for guide in guides.guides:
        for place, problem, facts in _contradictions(guide, guides):
            raise files[guide.id].error_at((guide.id, *place), problem, **facts)
    return guides


def _read(shape: type[Shape], file: ContentFile, name: str) -> Shape:
    """Read a record; a guide takes its id from the file's name."""
    content = {"id": name, **file.content} if shape is Guide and isinstance(file.content, dict) else file.content
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise file.refused(error, under=(name,)) from error


def _contradictions(guide: Guide, guides: Guides) -> Iterator[Contradiction]:
    """Yield what no record alone can show to be wrong."""
    numbers = [step.n for step in guide.steps]
    if guides.guide_of_code(guide.code) is not guide:
        yield ("code",), ContentProblem.KEY_TAKEN, {"key": guide.code}
    for index, aim in enumerate(guide.aims):
        yield from _not_among(numbers if index else [1], aim.begins_at, ("aims", index, "begins_at"))
    for index, precondition in enumerate(guide.preconditions):
        if precondition.guide is not None:
            yield from _not_among(guides.manual.guides, precondition.guide, ("preconditions", index, "guide"))
    shared = Counter(step.shared_as for step in guide.steps if step.shared_as is not None)
    for index, step in enumerate(guide.steps):
        place = ("steps", index)
        yield from _not_among([index + 1], step.n, (*place, "n"))
        if step.shared_as is not None and shared[step.shared_as] > 1:
            yield (*place, "shared_as"), ContentProblem.KEY_TAKEN, {"key": step.shared_as}
        for inner, problem, facts in _contradictions_of_step(step, numbers, guides):
            yield (*place, *inner), problem, facts


def _contradictions_of_step(step: Step, numbers: Collection[int], guides: Guides) -> Iterator[Contradiction]:
    manual = guides.manual
    for index, key in enumerate(step.cautions):
        yield from _not_among([caution.key for caution in manual.cautions], key, ("cautions", index))
    for index, key in enumerate(step.gaps):
        yield from _not_among([gap.key for gap in manual.gaps], key, ("gaps", index))
    keys = Counter(branch.key for branch in step.branches)
    for index, branch in enumerate(step.branches):
        if keys[branch.key] > 1:
            yield ("branches", index, "key"), ContentProblem.KEY_TAKEN, {"key": branch.key}
        yield from _not_among([*numbers, "end", "stop"], branch.goes_to, ("branches", index, "goes_to"))
        if branch.package is not None:
            packages = [table.package for table in manual.needs.mac.packages]
            yield from _not_among(packages, branch.package, ("branches", index, "package"))
    for index, trouble in enumerate(step.troubles):
        if trouble.leads_to is not None:
            place = ("troubles", index, "leads_to")
            yield from _not_among(manual.guides, trouble.leads_to.guide, (*place, "guide"))
            other = guides.guide(trouble.leads_to.guide)
            yield from _not_among([there.n for there in other.steps] if other else [], trouble.leads_to.step, place)


def _not_among(choices: Collection[str | int], value: str | int, place: Place) -> Iterator[Contradiction]:
    if value not in choices:
        named = {"place": ".".join(map(str, place)), "choices": ", ".join(map(str, choices))}
        yield place, ContentProblem.NOT_A_CHOICE, named
