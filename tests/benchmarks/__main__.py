"""All that ``make bench`` measures: whole turns beside a peer, then approvals beside other verifiers."""

from tests.benchmarks import approvals, turns

turns.main()
print()
approvals.main()
