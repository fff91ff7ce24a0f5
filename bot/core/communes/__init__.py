"""Communes: the areas that bulletins are for and that roles of staff are given in, by stable codes of ours.

A code such as ``bac-ninh.yen-dung`` stands in what is signed, so it stays although a commune is renamed. They are
content (``communes.yaml``), checked against the names of places that the content knows.
"""
