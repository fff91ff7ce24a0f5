"""Reports: what a citizen wants the operator's staff to know about a fraud, in the citizen's own words.

States: ``unread`` → ``read`` → ``closed``; an unread one can be withdrawn, and then nothing of it is left.

Invariants:
- One is stored only after its writer saw the exact words and said yes; which wording they said yes to is kept with it.
- It holds the words (after redaction), the channel and the moment: no name, no number, no way back to the chat.
- The words are sealed with the citizen's key, so that erasing the person erases them, and blanked when it is closed.
- Read or not, it is forgotten after `retention.KEEP_REPORT`, before the citizen's key can have gone with an idle chat.
- Staff see a short reference; only the citizen who wrote a report can withdraw it, whoever knows its reference.
"""
