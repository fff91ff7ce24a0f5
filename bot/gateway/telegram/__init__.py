"""Telegram: private chats and groups, by webhook or by long polling; the only package that knows the Bot API.

In: `webhook` or `polling` → `intake` (`updates` reads, the inbox keeps) → the same workers as for the web chat.
Out: `bot.gateway.sender` → `carrier` (`rendering` writes HTML and keyboards, `failures` names what went wrong).

Of python-telegram-bot only the types, the HTTP client and the mapping of errors are used: queues, order, rates and
retries are the ledger's, so that nothing lives in memory alone. In groups only general questions are answered
(`bot.gateway.groups`), each person apart; posts in channels are not read.
"""

CHANNEL = "telegram"
