"""Money, shares, balances and settlement: pure functions on integers, without any I/O."""
