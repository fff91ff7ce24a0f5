"""Tokens of channels that change by themselves: Zalo's access token lasts 25 hours, its refresh token is used up once.

Both lie sealed in one row per app. Whoever renews them holds the lease of the same name, so that no two processes use a
refresh token, and stores the new pair before anything is sent with it. A refresh token that the platform refuses cannot
be mended by a machine: the row says since when, and a person authorises anew.
"""
