"""Zalo: an Official Account's private chats over its webhook and open API.

Facts and what is unverified about the platform: each unverified point is a constant or one function here. A press of a
button comes back as a text, if at all, so every button has a number that can be typed as well.
"""

CHANNEL = "zalo"
