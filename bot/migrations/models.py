"""Every table, so that migrations and tests see the whole metadata."""

from bot.core.approvals import models as approvals
from bot.core.audit import models as audit
from bot.core.citizens import models as citizens
from bot.core.conversations import models as conversations
from bot.core.db import metadata
from bot.core.deliveries import models as deliveries
from bot.core.guides import models as guides
from bot.core.inbox import models as inbox
from bot.core.leases import models as leases
from bot.core.misreadings import models as misreadings
from bot.core.reports import models as reports
from bot.core.revocations import models as revocations
from bot.core.staff import models as staff

__all__ = [
    "approvals",
    "audit",
    "citizens",
    "conversations",
    "deliveries",
    "guides",
    "inbox",
    "leases",
    "metadata",
    "misreadings",
    "reports",
    "revocations",
    "staff",
]
