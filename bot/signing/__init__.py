"""The signer's side: read what is to be signed, show it, and sign it with a key that never leaves its owner.

It runs on the signer's own machine and needs no database and no settings; `bot.cli.sign` is its command. Four things
keep it from signing what nobody meant:

- **Only our statements.** What is not a canonical statement of a kind that people sign, for the deployment and the
  subject that were asked for and not yet ended, is refused before anything is shown (`reading`).
- **All of it is shown.** A view holds every value of the statement, and quotes what others wrote, line by line, so that
  no text can pass for the view's own words (`view`).
- **What was shown is what is signed.** The bytes are read once; showing and signing take the same object.
- **Keys stay where they are.** A certificate file is opened in memory. A token's module is a vendor's native code: it
  runs in a child process that ends after one request, which gets the PIN over a pipe and tries it once (`tokens`).
"""
