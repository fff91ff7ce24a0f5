"""Digital Transformation Day 2024 of Bắc Giang: what its plan (136/KH-UBND) says, told as of a day.

The idea: every activity is a record with its days, places and bodies; a question is about one aspect of one activity,
a statement, a body, a kind of participant, a day, or all of it (a *subject*). Subjects are found by words, weighed by
what the message was understood to be, and told with the tense of the day on which is asked. The facts stand in
``bot/content/dx_day*.yaml`` and are loaded with the programme's; this package reads them only.

Invariants:

- What the plan does not say (where the seminar is, by when "hết ngày 10/2024" ends) is told as a gap, never filled.
- An activity is told as coming, going on or over by its own days, not by those of the whole campaign.
- Every reply lists the sections that it tells.

Decisions (2026-11-21):

- `programme.answers.Answers` asks here first, so that whoever answers questions holds one object. The Day's words are
  searched beside the programme's statements: where those fit clearly better, the question is left to the programme.
- The plan writes days with their zeros ("01/10/2024"); they are told as written, typed days stand beside them.
"""
