"""``python -m bot.cli`` is ``hiendien``."""

from bot.cli import main

main()
