"""Whether a call comes from Zalo and tells of our account; what does not is counted, and told of once a minute."""

from __future__ import annotations

import math
import time

import structlog
from pydantic import SecretStr

from bot import metrics
from bot.core.channel_tokens import service as channel_tokens
from bot.core.rates import Limiter, Rate
from bot.core.vault import SealBrokenError
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.events import account_of
from bot.gateway.zalo.signature import is_signed
from bot.gateway.zalo.tokens import token_name
from bot.wiring import Runtime

log = structlog.get_logger()

LOOK_SECONDS = 60.0
"""How often the account that the kept pair speaks for is looked up."""


class Origin:
    """Judges the calls to one app's webhook."""

    def __init__(self, runtime: Runtime, *, app_id: str, oa_secret: SecretStr) -> None:
        self._runtime = runtime
        self._app_id = app_id
        self._oa_secret = oa_secret
        self._warnings = Limiter(Rate(1, 60))
        self._account = runtime.settings.zalo_oa_id
        self._looked_at = -math.inf

    def is_proven(self, raw: bytes, shown: str) -> bool:
        """Tell whether `shown`, the signature's header, proves that a body is Zalo's."""
        if is_signed(raw, app_id=self._app_id, oa_secret=self._oa_secret.get_secret_value(), shown=shown):
            metrics.CHANNEL_HEARD.labels(channel=CHANNEL).set(self._runtime.clock.now().timestamp())
            return True
        metrics.UPDATES.labels(channel=CHANNEL, outcome="no_proof").inc()
        if self._may_warn("no_proof"):
            log.warning("zalo.no_proof", **self._secrets_at_fault(raw, shown))
        return False

    async def is_ours(self, event: object) -> bool:
        """Tell whether an event is of our app, and of our account as far as either is told.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away.
        """
        app_id = str(event.get("app_id", self._app_id)) if isinstance(event, dict) else self._app_id
        theirs, ours = account_of(event), await self._find_account()
        if app_id == self._app_id and (theirs is None or ours is None or theirs == ours):
            return True
        metrics.UPDATES.labels(channel=CHANNEL, outcome="other_account").inc()
        if self._may_warn("other_account"):
            log.warning("zalo.other_account", account=theirs, ours=ours, is_our_app=app_id == self._app_id)
        return False

    async def _find_account(self) -> str | None:
        """Return the account of the settings, or the one that the kept pair speaks for; None while nobody knows."""
        if self._runtime.settings.zalo_oa_id is None and time.monotonic() >= self._looked_at + LOOK_SECONDS:
            async with self._runtime.database.reading() as connection:
                try:
                    kept = await channel_tokens.find(connection, self._runtime.vault, token_name(self._app_id))
                except SealBrokenError:
                    kept = None  # whoever sends tells of it
            self._account = kept.account or None if kept is not None else None
            self._looked_at = time.monotonic()
        return self._account

    def _secrets_at_fault(self, raw: bytes, shown: str) -> dict[str, bool]:
        """Tell whether our two secrets seem to be mistaken for each other: the commonest reason of all."""
        app_secret = self._runtime.settings.zalo_app_secret
        if app_secret is None:
            return {}
        secret = app_secret.get_secret_value()
        return {
            "is_signed": bool(shown),
            "app_secret_would_fit": is_signed(raw, app_id=self._app_id, oa_secret=secret, shown=shown),
            "oa_secret_is_app_secret": self._oa_secret == app_secret,
        }

    def _may_warn(self, of: str) -> bool:
        return self._warnings.wait(of, now=time.monotonic()) == 0
