"""Money, shares, balances and settlement: pure functions on integers, without I/O."""
