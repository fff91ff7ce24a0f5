"""Citizens: who a data key belongs to.

A citizen is a random id and a wrapped data key, nothing else.
What we hold about them lies elsewhere, sealed with that key.
Destroying the key erases all of it at once, wherever copies of it may lie (design 3.1).
"""
