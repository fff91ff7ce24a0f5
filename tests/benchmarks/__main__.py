"""All that ``make bench`` measures: whole turns beside a peer, webhooks beside another, approvals beside verifiers."""

from tests.benchmarks import approvals, turns, webhooks

turns.main()
print()
webhooks.main()
print()
approvals.main()
