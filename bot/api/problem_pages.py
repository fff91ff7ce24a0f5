"""The pages that the types of the admin API's problems lead to: what happened, and what to do."""

from __future__ import annotations

from pathlib import Path

import jinja2
from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from bot.api.errors import ProblemTexts, split_sentence

ADDRESS = "/problems/approvals"


def problem_pages_router(directory: Path, texts: ProblemTexts, *, assets: str) -> APIRouter:
    """Build a page for each failure that has a sentence, and one that lists them.

    Args:
        directory: of the templates.
        texts: the sentences, by code.
        assets: where the pages' style is.

    Raises:
        OSError, jinja2.TemplateError: a template is missing or broken.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([directory / "problems", directory / "web"]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    problems = {code: split_sentence(sentence) for code, sentence in sorted(texts.details.items())}
    facts = {"assets": assets, "address": ADDRESS}
    page = environment.get_template("page.html")
    pages = {code: page.render(code=code, what=what, then=then, **facts) for code, (what, then) in problems.items()}
    index = environment.get_template("index.html").render(problems=problems, is_lost=False, **facts)
    lost = environment.get_template("index.html").render(problems=problems, is_lost=True, **facts)
    router = APIRouter(include_in_schema=False)

    @router.get(ADDRESS)
    async def list_problems() -> HTMLResponse:
        return HTMLResponse(index)

    @router.get(f"{ADDRESS}/{{code}}")
    async def show_problem(code: str) -> HTMLResponse:
        found = pages.get(code)
        return HTMLResponse(lost, status_code=404) if found is None else HTMLResponse(found)

    return router
