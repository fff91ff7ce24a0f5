"""What Rasa calls to decide an answer: each action reads the dialogue, asks the core one thing, and says a reply.

Actions never write: what they decide goes back through Rasa to the worker, which writes it after the turn. They keep
nothing between calls and know nothing of who is asking. The only package that knows the Rasa SDK.
"""
