"""What is said about a walk: each function gives a `Reply` without buttons, which are the conversation's."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.guides.records import Branch, GuidedPlatform, Guides, Language, Precondition, Trouble
from bot.core.guides.walk import Asked, Ended, Help, Position, Reason, Rung, Walk
from bot.core.replies import Json, Reply, Source

TOPIC = "start_token_guide"
"""The topic of what belongs to no step."""


class Telling:
    """Tells guides of one content in one language."""

    def __init__(self, guides: Guides, language: Language) -> None:
        self._guides = guides
        self._walk = Walk(guides)
        self._language: Language = language

    def question(self, asked: Asked) -> Reply:
        """Ask for what is missing to choose a guide."""
        return self._reply(TOPIC, "guide_ask", {"asked": asked, "suppliers": list(self._guides.manual.suppliers)})

    def none(self, reason: Reason, *, contact: str) -> Reply:
        """Say that there are no steps, why, what to beware of, and whom to ask: the supplier, or `contact`."""
        facts: dict[str, Json] = {"reason": reason.value, "suppliers": list(self._guides.manual.suppliers)}
        return self._reply(TOPIC, "guide_none", {**facts, "contact": contact})

    def opening(self, position: Position) -> Reply:
        """Open a guide: whose it is, what it is for, that nobody asks for secrets, what must be at hand."""
        guide = self._walk.guide(position)
        return self._about(
            position,
            "guide_opening",
            {
                "title": guide.title.told(self._language),
                "steps": len(guide.steps),
                "begins_at": position.step,
                "preconditions": [self._precondition(precondition) for precondition in guide.preconditions],
            },
        )

    def step(self, position: Position, *, resumed: bool = False) -> Reply:
        """Tell a step: what to do, what to see then, its cautions and gaps. `resumed` after a pause."""
        step, (number, of) = self._walk.step(position), self._walk.progress(position)
        manual = self._guides.manual
        return self._about(
            position,
            "guide_step",
            {
                "step": number,
                "of": of,
                "resumed": resumed,
                "title": self._walk.guide(position).title.told(self._language),
                "do": step.do.told(self._language),
                "commands": list(step.screen.commands),
                "see": None if step.see is None else step.see.told(self._language),
                "see_inferred": step.see_inferred,
                "note": None if step.note is None else step.note.told(self._language),
                "branches": [branch.when.told(self._language) for branch in step.branches],
                "cautions": [manual.caution(key).says.told(self._language) for key in step.cautions],
                "gaps": [manual.gap(key).says.told(self._language) for key in step.gaps],
                "warns": step.is_sensitive,
            },
        )

    def branch(self, position: Position, branch: Branch) -> Reply:
        """Tell what follows from a branch of the position's step."""
        facts: dict[str, Json] = {"then": branch.then.told(self._language), "package": branch.package}
        return self._about(position, "guide_branch", {**facts, "inferred": branch.inferred})

    def help(self, offered: Help, *, contact: str) -> Reply:
        """Tell what `Walk.problem` gave; `contact` is the person to turn to at its last rung."""
        if offered.rung is Rung.NEEDS:
            return self.needs(self._walk.guide(offered.position).platform, at=offered.position)
        if offered.rung is Rung.PERSON:
            suppliers = list(self._guides.manual.suppliers)
            return self._about(offered.position, "guide_person", {"contact": contact, "suppliers": suppliers})
        troubles = [self._trouble(trouble) for trouble in offered.troubles]
        facts: dict[str, Json] = {"troubles": troubles, "warns": self._walk.step(offered.position).is_sensitive}
        return self._about(offered.position, "guide_troubles", {**facts, "step": offered.position.step})

    def needs(self, platform: GuidedPlatform, *, at: Position | None = None) -> Reply:
        """Tell what the manual wants of a machine, from its tables, with their cautions; `at` a step, as a check."""
        manual = self._guides.manual
        facts: dict[str, Json] = {
            "platform": platform,
            "needs": manual.needs.windows.model_dump(mode="json")
            if platform == "windows"
            else manual.needs.mac.model_dump(mode="json"),
            "cautions": [
                caution.says.told(self._language)
                for caution in manual.cautions
                if caution.platform == platform and caution.about_needs
            ],
            "is_check": at is not None,
        }
        if at is not None:
            return self._about(at, "guide_needs", facts)
        section = "2.1" if platform == "windows" else "2.2"
        return self._reply("ask_token_requirements", "guide_needs", facts, section=section)

    def carriers(self) -> Reply:
        """Tell which kinds of certificates there are and who issues them."""
        manual = self._guides.manual
        carriers: list[Json] = [
            {"label": carrier.label, "what": carrier.what.told(self._language)} for carrier in manual.carriers
        ]
        facts: dict[str, Json] = {"carriers": carriers, "suppliers": list(manual.suppliers)}
        facts["who_needs_it"] = manual.who_needs_it.told(self._language)
        return self._reply("ask_certificate_info", "guide_carriers", facts, section="1, 2")

    def ended(self, ended: Ended) -> Reply:
        """Tell that a walk is over."""
        title = self._walk.guide(ended.last).title.told(self._language)
        return self._about(ended.last, "guide_ended", {"title": title, "is_done": ended.is_done})

    def paused(self, position: Position) -> Reply:
        """Tell somebody who stops that their place is kept."""
        number, of = self._walk.progress(position)
        return self._about(position, "guide_paused", {"step": number, "of": of})

    def secret_refused(self, position: Position) -> Reply:
        """Tell somebody who sent what looks like a secret that it was not kept, and to change it."""
        return self._about(position, "guide_secret_refused", {"step": position.step})

    def picture(self, position: Position) -> Reply:
        """Describe the picture of a step for who cannot see it; its text is one line."""
        screen = self._walk.step(position).screen
        facts: dict[str, Json] = {
            "kind": screen.kind,
            "window": screen.window,
            "pane": screen.pane,
            "menu": list(screen.menu),
            "fields": list(screen.fields),
            "option": screen.option,
            "commands": list(screen.commands),
            "press": list(screen.press),
            "either": screen.either,
            "message": screen.message or screen.then_message,
            "then_press": screen.then_press,
        }
        return self._about(position, "guide_picture", facts)

    def _precondition(self, precondition: Precondition) -> Json:
        return {"says": precondition.says.told(self._language), "inferred": precondition.inferred}

    def _trouble(self, trouble: Trouble) -> Json:
        return {
            "problem": trouble.problem.told(self._language),
            "action": trouble.action.told(self._language),
            "inferred": trouble.inferred,
        }

    def _about(self, position: Position, template: str, facts: Mapping[str, Json]) -> Reply:
        return self._reply(position.topic, template, facts, section=self._walk.guide(position).section)

    def _reply(self, topic: str, template: str, facts: Mapping[str, Json], *, section: str | None = None) -> Reply:
        sources = () if section is None else (Source(self._guides.manual.short_title, section),)
        return Reply(topic, template, {"language": self._language, **facts}, sources=sources)
