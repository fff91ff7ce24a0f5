"""The NLU server beside the product: its model, trained when its inputs changed, and its process, kept alive.

It lives in an environment of its own (``nlu/.venv``), because Rasa's pins share none with ours; here it is only files,
a command line and an HTTP address.
"""
