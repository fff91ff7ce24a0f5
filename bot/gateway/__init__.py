"""Where a citizen's message comes in, is given to a worker, answered and handed out again."""
