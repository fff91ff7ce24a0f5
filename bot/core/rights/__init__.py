"""People's rights over what is kept about them: to see it, to take a consent back, to have all of it erased.

Invariants:
- Erasing destroys the person's key in the transaction that gives the receipt; whatever is sealed with it opens nowhere
  any more, in this database, in its log, or in a copy of it made later. The rows go too.
- The conversation goes on under a new person, who has nothing but the receipt, and is forgotten a day later.
- Of an erasure only a receipt's number, days and a keyed digest of the person's random id are kept, as proof, and so
  that a backup from before it, which still holds the wrapped key, is erased again when it is restored (`backups`).
- Taking a consent back is as easy as giving it: one message, done at once.
"""
