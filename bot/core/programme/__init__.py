"""The programme of free ``.vn`` names: what is offered, to whom, at what cost, on which day.

The idea: facts are dated records in ``bot/content/`` (YAML), rules are pure functions of those records, the
citizen's answers and a day. The day is always a parameter (``on``), never read from a clock, so every answer can be
asked about any day and tested on it. Only `load_programme` touches a disk.

Invariants:

- A sentence never stands here. Functions give a `Reply` that names a template and hands it facts as JSON.
- Every `Reply` that tells a fact lists the document and section of each fact in it.
- The state fee waiver and the bundled services are separate records: they rest on different documents and can end
  on different days.
- What a citizen is told has two parts that are never mixed: whether they belong to the group, and whether the offer
  stands on the day. Only an open offer may be called free in the present tense.

How a question is answered (`answers.Answers`): a false claim is corrected; else the statements (*points*) that its
words are about are told, found lexically among all of them and weighed by the intent and entities it was understood to
have (`finding.Finder`); else the general answer of its intent (`overviews`). What has changed since about places and
bodies that an answer names is told beside it.

Decisions (2026-11-20):

- An end that is unknown (``valid_to: null``) is believed only while two sources agree and the last check is fresh;
  otherwise the record is *unsettled*, which is told as such. See `offers.record_standing`.
- Whether "18 to 23" takes in the whole twenty-fourth year of life is defined in nothing that was read: at 23 the
  answer is *unclear* and the registrar decides.
- Statements are found by words and not by an intent each (2026-11-21): a hundred narrow intents would confuse the
  classifier, and a new fact would need training messages. On questions by another hand, never seen before, the first
  run found 102 of the plan's 113 facts (``tests/programme/PROVENANCE.md``).
"""

from bot.core.programme.content import Product, Programme
from bot.core.programme.loading import ContentError, load_programme

__all__ = ["ContentError", "Product", "Programme", "load_programme"]
