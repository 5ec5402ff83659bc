"""What the exit codes mean; other programs rely on them."""

OK, FINDINGS, USAGE, INTERNAL, NOTHING = 0, 1, 2, 3, 4
