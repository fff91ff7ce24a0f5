"""The shapes of the guides' facts, as they stand in ``bot/content/guides/``.

Labels, window titles, menu paths, file names and commands are kept exactly as the manual prints them, in every
language: a person looks for them on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from bot.core.programme.points import Key
from bot.core.programme.records import AnyNumber, Record, Several, Text

Language: TypeAlias = Literal["vi", "ms", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

GuideId: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
Platform: TypeAlias = Literal["windows", "mac", "linux", "phone"]
GuidedPlatform: TypeAlias = Literal["windows", "mac"]
Medium: TypeAlias = Literal["token", "softcert", "roaming"]
Procedure: TypeAlias = Literal["install_esign", "install_middleware", "import_softcert", "sign", "verify"]
Provider: TypeAlias = Literal["mycukai", "vn_provider", "unknown"]
Level: TypeAlias = Literal["high", "medium", "unknown"]
SecretKind: TypeAlias = Literal["password", "pin", "identity_number"]
StepNumber: TypeAlias = Annotated[int, Field(gt=0)]


class Words(Record):
    """One text in each language of the guides."""

    vi: Text
    ms: Text
    en: Text

    def told(self, language: Language) -> str:
        """Give the text in a language."""
        return str(getattr(self, language))


class Place(Record):
    """A step of a guide, from outside of that guide."""

    guide: GuideId
    step: StepNumber


class Branch(Record):
    """A choice that a step offers.

    Attributes:
        key: names it, with ``guide_branch_`` before it its button's title.
        when: when it applies.
        then: what follows from it.
        goes_to: the step that comes then; its own step where the choice only says how to do it; ``end`` where
            nothing is left to do; ``stop`` where it breaks off what the guide is for.
        package: the file to be used, where it is about one.
        manual_goes_to: what the manual prints, where it cannot be meant; a gap of the step says so.
        inferred: whether the manual does not say it.
    """

    key: Key
    when: Words
    then: Words
    goes_to: StepNumber | Literal["end", "stop"]
    package: Text | None = None
    manual_goes_to: StepNumber | None = None
    inferred: bool = False


class Trouble(Record):
    """Something that may go wrong at a step and what helps; `leads_to` where another step helps."""

    problem: Words
    action: Words
    leads_to: Place | None = None
    inferred: bool = False


class Screen(Record):
    """What the person sees at a step: what its drawing is made of.

    Attributes:
        window: its title; None where the manual names none, and then `kind` tells what it is.
        window_inferred: whether the title comes from knowledge of Windows: the manual does not print it.
        kind: how it is drawn; ``none`` where there is nothing to draw.
        pane: the page of the window.
        menu: what is clicked on the way, in order.
        tabs: the tabs of the window.
        columns: the columns of its list.
        fields: its input fields.
        fill: those of them that the step says to fill in.
        boxes: what can be ticked.
        options: the options to choose among.
        option: the one to choose.
        message: what it says.
        shown: other lines that it shows.
        files: files that are shown.
        commands: what is typed, in order.
        press: what is pressed, in order; with `either`, one of them.
        press_meant: what `press` is probably called on an English system, where the manual translated it.
        either: whether only one of `press` is to be pressed.
        others: its other buttons, which are left alone unless the step says so.
        then_message: a message that comes after pressing.
        then_press: what is pressed in that message.
    """

    kind: Literal["dialog", "installer", "terminal", "page", "folder", "tray", "none"]
    window: Text | None = None
    window_inferred: bool = False
    pane: Text | None = None
    menu: AnyNumber[Text] = ()
    tabs: AnyNumber[Text] = ()
    columns: AnyNumber[Text] = ()
    fields: AnyNumber[Text] = ()
    fill: AnyNumber[Text] = ()
    boxes: AnyNumber[Text] = ()
    options: AnyNumber[Text] = ()
    option: Text | None = None
    message: Text | None = None
    shown: AnyNumber[Text] = ()
    files: AnyNumber[Text] = ()
    commands: AnyNumber[Text] = ()
    press: AnyNumber[Text] = ()
    press_meant: Text | None = None
    either: bool = False
    others: AnyNumber[Text] = ()
    then_message: Text | None = None
    then_press: Text | None = None


class Step(Record):
    """One step: one message.

    Attributes:
        n: its number, from 1.
        do: what to do.
        see: what the person should see when it is done; None where the manual does not say.
        see_inferred: whether `see` only follows from the next step or from common knowledge.
        note: what else the manual says about it.
        screen: what it looks like.
        branches: choices that it offers.
        must_choose: whether it is left by one of its branches only.
        troubles: what may go wrong.
        secrets: what the person types or shows at it that is nobody else's business.
        cautions: the manual's cautions (`Manual.cautions`) that belong here.
        gaps: where the manual is silent or contradicts itself (`Manual.gaps`).
        shared_as: the same for steps of several guides that are the same work: who changes platform, medium or
            level goes on at the step of that name.
    """

    n: StepNumber
    do: Words
    see: Words | None = None
    see_inferred: bool = False
    note: Words | None = None
    screen: Screen
    branches: AnyNumber[Branch] = ()
    must_choose: bool = False
    troubles: AnyNumber[Trouble] = ()
    secrets: AnyNumber[SecretKind] = ()
    cautions: AnyNumber[Key] = ()
    gaps: AnyNumber[Key] = ()
    shared_as: Key | None = None

    @property
    def is_sensitive(self) -> bool:
        """Whether the warning about secrets is repeated at it, and what is typed after it is taken for a secret."""
        return bool(self.secrets)

    @property
    def has_picture(self) -> bool:
        """Whether there is something to draw."""
        return self.screen.kind != "none"

    def branch(self, key: str) -> Branch | None:
        """Give the branch of that key; None when the step has none such."""
        return next((branch for branch in self.branches if branch.key == key), None)


class Precondition(Record):
    """What must hold before the first step; `guide` is the one that brings it about."""

    says: Words
    guide: GuideId | None = None
    inferred: bool = False


class Aim(Record):
    """What a guide is for, and the step at which who wants only that begins."""

    procedure: Procedure
    begins_at: StepNumber = 1


class Guide(Record):
    """A way through the manual, step by step.

    `code` is two letters that stand for it where bytes are few. `level` is the security level that it is for, where
    there is one guide for each.
    """

    id: GuideId
    code: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    title: Words
    section: Text
    platform: GuidedPlatform
    media: Several[Literal["token", "softcert"]]
    level: Literal["high", "medium"] | None = None
    aims: Several[Aim]
    preconditions: Several[Precondition]
    steps: Several[Step]

    def step(self, number: int) -> Step | None:
        """Give a step by its number; None when there is none."""
        return self.steps[number - 1] if 1 <= number <= len(self.steps) else None

    def procedure_at(self, number: int) -> Procedure:
        """Tell what the person is at with a step: the last of the aims that begins there or before."""
        return [aim.procedure for aim in self.aims if aim.begins_at <= max(number, 1)][-1]


class Carrier(Record):
    """A kind of certificate that the manual names (a *medium*), and whether it has steps for it."""

    medium: Medium
    label: Text
    is_guided: bool
    what: Words


class WindowsNeeds(Record):
    """What the manual wants of a Windows machine: the oldest system and browser, the least hardware, one USB port."""

    operating_system: Text
    browser: Text
    processor: Text
    memory: Text
    usb_port_for: Text


class MacPackage(Record):
    """Which installer of the token's software is for which systems."""

    package: Text
    systems: Several[Text]


class MacNeeds(Record):
    """What the manual wants of a Mac."""

    operating_systems: Several[Text]
    packages: Several[MacPackage]


class Needs(Record):
    """The requirement tables."""

    windows: WindowsNeeds
    mac: MacNeeds


class Caution(Record):
    """Something that the manual says and that is out of date. The caution is ours, not the manual's.

    `about_needs` where it is about what the requirement tables want.
    """

    key: Key
    platform: GuidedPlatform
    about_needs: bool
    manual_says: Text
    says: Words


class Gap(Record):
    """Where the manual is silent or contradicts itself, and in which section."""

    key: Key
    section: Text
    says: Words


class Manual(Record):
    """The manual that the guides follow: whose it is, what it wants, what is out of date in it and what it leaves open.

    `guides` names them in the order of the manual; each stands in a file of its name.
    """

    title: Words
    short_title: Text
    publisher: Text
    purpose: Words
    who_needs_it: Words
    suppliers: Several[Text]
    glossary: Mapping[Text, Text]
    carriers: Several[Carrier]
    needs: Needs
    cautions: Several[Caution]
    gaps: Several[Gap]
    guides: Several[GuideId]

    def caution(self, key: str) -> Caution:
        """Give a caution that a step names; the loader has made sure that it is there."""
        return next(caution for caution in self.cautions if caution.key == key)

    def gap(self, key: str) -> Gap:
        """Give a gap that a step names; the loader has made sure that it is there."""
        return next(gap for gap in self.gaps if gap.key == key)

    def package_for(self, system: str) -> str | None:
        """Give the token software's package for a Mac system as the manual names it; None for any other."""
        return next((table.package for table in self.needs.mac.packages if system in table.systems), None)


class Guides(Record):
    """Everything that the guides say, checked and immutable."""

    manual: Manual
    guides: Several[Guide]

    def guide(self, guide_id: str) -> Guide | None:
        """Give a guide by its id; None when there is none."""
        return self.by_id.get(guide_id)

    def guide_of_code(self, code: str) -> Guide | None:
        """Give the first guide of those two letters; None when there is none."""
        return self._by_code.get(code)

    @cached_property
    def by_id(self) -> Mapping[str, Guide]:
        """The guides by id."""
        return {guide.id: guide for guide in self.guides}

    @cached_property
    def _by_code(self) -> Mapping[str, Guide]:
        return {guide.code: guide for guide in reversed(self.guides)}
