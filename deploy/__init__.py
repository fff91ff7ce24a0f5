"""From a fresh checkout to a running product: environments, lock files and the checks behind the ``make`` targets.

Everything here runs before anything is installed, so it uses the standard library only and does not import the product.
Only ``bootstrap.py`` is read by Pythons older than the product's.

What a person sees is one short progress line a step, in Vietnamese, and on failure exactly one sentence that says what
to do; what the tools themselves said last is in ``var/log/bootstrap.log``. pip's and uv's own settings for indexes,
proxies and certificates reach them untouched, and nothing here names a host.
"""
