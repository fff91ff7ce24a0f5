"""Destinations: where a commune's bulletins go, such as its Telegram group.

What is signed names areas and channels; the destinations are looked up when an edition is fired, and the digest of what
was found goes into the audit log. One for training takes part in training only, and a real one never does.
"""
