"""The web applications: the public one, and the internal listener that never stands on the public port."""

from __future__ import annotations

from fastapi import FastAPI

from actions.runtime import ActionRuntime
from actions.server import actions_app
from bot.api import bulletins, health
from bot.api.admin.application import add_admin_api
from bot.api.check_pages import check_pages_router
from bot.api.checks import Checks
from bot.api.errors import ProblemTexts, UnexpectedErrors, add_error_handlers
from bot.api.middleware import BodyLimit, SecurityHeaders
from bot.api.problem_pages import problem_pages_router
from bot.api.registrar.application import add_registrar_api
from bot.approving import Approving, open_approving
from bot.core.approvals.ports import Office
from bot.core.broadcasts.checking import Bulletins
from bot.core.communes.directory import Communes
from bot.gateway import pictures, webchat
from bot.gateway.pages import ASSETS, pages_router
from bot.gateway.privacy_page import privacy_page_router
from bot.gateway.telegram.webhook import webhook_router
from bot.gateway.zalo.webhook import zalo_router
from bot.wiring import Runtime, actions_secret


def create_app(runtime: Runtime, approving: Approving | None = None) -> FastAPI:
    """Build the public application: chat page, web chat API, webhooks, admin API, bulletin checks, health."""
    app = FastAPI(title="Hiện Diện", version="0.1.0", docs_url=None, redoc_url=None)
    app.state.runtime = runtime
    texts = ProblemTexts.load(runtime.settings.templates_dir)
    add_error_handlers(app, texts)
    app.add_middleware(BodyLimit, texts=texts)
    app.add_middleware(UnexpectedErrors, texts=texts)
    app.add_middleware(SecurityHeaders)
    app.include_router(webchat.router)
    app.include_router(zalo_router(runtime))
    directory = runtime.settings.templates_dir / "web"
    app.include_router(pages_router(directory, operator_name=runtime.programme.operator.name))
    app.include_router(privacy_page_router(directory, runtime.programme.operator, assets=ASSETS))
    app.include_router(pictures.router)
    app.include_router(problem_pages_router(runtime.settings.templates_dir, texts, assets=ASSETS))
    app.include_router(health.router)
    approving = approving or open_approving(runtime.settings, runtime.database, runtime.clock)
    app.include_router(webhook_router(runtime, approving.log))
    add_admin_api(app, runtime, approving, texts)
    add_checks(app, runtime, approving.office)
    add_registrar_api(app, runtime, approving.log)
    return app


def add_checks(app: FastAPI, runtime: Runtime, office: Office) -> None:
    """Add what tells anybody whether a bulletin is genuine."""
    found = Bulletins(runtime.database, office, runtime.clock)
    app.state.checks = Checks(found, Communes(runtime.programme.communes))
    app.include_router(bulletins.router)
    app.include_router(
        check_pages_router(
            runtime.settings.templates_dir,
            operator=runtime.programme.operator,
            outside_url=runtime.settings.outside_url,
            assets=ASSETS,
        )
    )


def create_internal_app(runtime: Runtime, approving: Approving | None = None) -> FastAPI:
    """Build the internal listener: Rasa's action calls and the metrics; never on the public port."""
    approving = approving or open_approving(runtime.settings, runtime.database, runtime.clock)
    actions = ActionRuntime(
        programme=runtime.programme,
        answers=runtime.answers,
        guides=runtime.guides,
        today=runtime.today,
        bulletins=Bulletins(runtime.database, approving.office, runtime.clock),
        outside_url=runtime.settings.outside_url,
        keeps_misread=runtime.settings.keep_misread,
    )
    app = actions_app(actions, actions_secret(runtime.settings).get_secret_value())
    app.include_router(health.internal_router)
    return app
