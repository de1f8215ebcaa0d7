"""Exit codes that several commands share."""

COULD_NOT_JUDGE = 2
