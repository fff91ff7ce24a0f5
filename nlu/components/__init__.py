"""What Rasa is taught here: reading Vietnamese as it is typed, and taking one turn without remembering it.

`folding` and `grammar` are pure and import nothing of Rasa; the other modules wrap them for its pipeline.
"""
