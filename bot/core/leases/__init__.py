"""Leases: what only one process may do at a time, such as asking Telegram for updates.

A lease is a row with an owner and an end on the database's clock. Whoever finds it ended takes it over, and its *fence*
rises, so that the former owner, who may only have been paused, cannot prolong it any more.
"""
