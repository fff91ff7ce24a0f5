"""Tokens of channels that change by themselves: Zalo's access token lasts 25 hours, its refresh token is used up once.

Both lie sealed in one row per app. Whoever renews them holds the lease of the same name, so that no two processes use a
refresh token, and stores the new pair before anything is sent with it. A refresh token that the platform refuses cannot
be mended by a machine: the row says since when, and a person authorises anew.

Between the platform's answer and our commit there is a moment in which a crash loses the pair, and nothing on our side
can help: the old token is used up, and the new ones were only in memory. So that an exchange is to begin is noted
before; whoever finds such a note knows that the pair is *uncertain*, tries the old token once, since the call may never
have left, and otherwise knows what was lost.
"""
