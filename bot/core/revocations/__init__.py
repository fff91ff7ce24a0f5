"""Revocation evidence as it is kept between being fetched and being used: lists of authorities, and OCSP answers.

The rows are shared by all processes and outlive them, so that a restart is not blind. Each source has one row per
subject, the newest it ever gave: whoever can put an older list in the way takes nothing back. Nothing here is trusted
for being here; `bot.core.signatures` judges every piece again when a signature rests on it.
"""
