"""Trains and scores our pipeline beside Rasa's default one: same messages, same machine, one run (``make nlu-report``).

What keeps the comparison honest:

- Both learn from the same messages and read the same test messages. The default pipeline is what ``rasa init`` gets;
  it finds entities by learning from marks, so where the training data has none, our grammar marks them for it.
- Each trains and parses in processes of its own, one after the other, so that times and memory are its alone.
- Nothing is chosen by the test messages. Of them only sums are told, never a message, so that nobody tunes on them;
  whoever wants to see what was misread has the development messages (``SET=development ERRORS=…``).

`intents`, `entities` and `slices` score and are pure; `data`, `pipelines`, `work` and `folded_crf` know Rasa;
`measuring` runs the processes; `charts`, `summary` and `document` show the result.
"""
