"""Notices: what a member of staff is to know although they did not ask, such as that a broadcast was not sent."""
