"""Whether the time that something takes grows with its input and no faster."""

import time
from collections.abc import Callable

ROUNDS = 3
"""Of measuring anew where the machine did something else meanwhile; in each, so many times."""


def grows_linearly(once: Callable[[], object], twice: Callable[[], object]) -> bool:
    """Tell whether twice the input takes about twice the time; four times would be a quadratic rule.

    What is compared is the best time of each. That of `twice` is good enough as soon as one measurement is.
    """
    for _ in range(ROUNDS):
        limit = 3 * min(_seconds(once) for _ in range(ROUNDS))
        if any(_seconds(twice) < limit for _ in range(ROUNDS)):
            return True
    return False


def _seconds(action: Callable[[], object]) -> float:
    started = time.process_time()
    action()
    return time.process_time() - started
