"""Every table, so that migrations and tests see the whole metadata."""

from bot.core.approvals import models as approvals
from bot.core.audit import models as audit
from bot.core.broadcasts import models as broadcasts
from bot.core.cases import models as cases
from bot.core.channel_tokens import models as channel_tokens
from bot.core.citizens import models as citizens
from bot.core.consents import models as consents
from bot.core.conversations import models as conversations
from bot.core.db import metadata
from bot.core.deliveries import models as deliveries
from bot.core.destinations import models as destinations
from bot.core.guides import models as guides
from bot.core.handoffs import models as handoffs
from bot.core.inbox import models as inbox
from bot.core.leases import models as leases
from bot.core.misreadings import models as misreadings
from bot.core.notices import models as notices
from bot.core.registrars import models as registrars
from bot.core.reports import models as reports
from bot.core.requests import models as requests
from bot.core.revocations import models as revocations
from bot.core.rights import models as rights
from bot.core.staff import models as staff

__all__ = [
    "approvals",
    "audit",
    "broadcasts",
    "cases",
    "channel_tokens",
    "citizens",
    "consents",
    "conversations",
    "deliveries",
    "destinations",
    "guides",
    "handoffs",
    "inbox",
    "leases",
    "metadata",
    "misreadings",
    "notices",
    "registrars",
    "reports",
    "requests",
    "revocations",
    "rights",
    "staff",
]
