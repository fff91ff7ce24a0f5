"""Staff: who works with the console, what they may do, and which certificate is theirs.

An account is a random id and a name; the id stands in statements and in the audit log, the name does not.

- **Roles** (officer of communes, editor, admin of a province, auditor) come from grants, each for areas and for a time.
  Giving or taking one is decided by signature; it takes two admins' signatures where the role is admin's.
- **Deputies** are grants that name whom they stand in for. They hold no more than that person holds, for at most
  `roles.LONGEST_DEPUTY`; outside their dates they may do nothing, and the log names whom they acted for.
- **Certificates** count once they are enrolled: the holder proved to have the key, and another admin signed that it is
  theirs. An account is one person for good, and a person or a key has one account: two accounts are not two people.
- **Tokens** let programs in as somebody. Of a token only its SHA-256 is kept; it has scopes, ends, and can be revoked.
  A token alone can draft and look, never approve: that takes the key.

The first two admins are enrolled together by `bot.core.approvals.bootstrap`, which closes for good.
"""
