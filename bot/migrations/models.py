"""Every table, so that migrations and tests see the whole metadata."""

from bot.core.citizens import models as citizens
from bot.core.conversations import models as conversations
from bot.core.db import metadata
from bot.core.deliveries import models as deliveries
from bot.core.inbox import models as inbox
from bot.core.leases import models as leases

__all__ = ["citizens", "conversations", "deliveries", "inbox", "leases", "metadata"]
