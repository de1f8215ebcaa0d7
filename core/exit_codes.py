"""The exit codes of every command, and what each means.

1 is a verdict and nothing else, so that a pipeline may act on it. Whatever kept a command from
its work, a mistake of Plumbline's own included, is 2.
"""

TRUE = 0
FALSE = 1
COULD_NOT_JUDGE = 2
ROLLBACK_FAILED = 3
INTERRUPTED = 130
NOBODY_READS = 141

MEANINGS = {
    TRUE: "it is true, it passes, it is done",
    FALSE: "it is false: a rule is violated, a gate fails, a backup is invalid, something is found",
    COULD_NOT_JUDGE: "it could not be judged, or not be done; the message says why",
    ROLLBACK_FAILED: "deploy only: the rollback failed",
    INTERRUPTED: "interrupted",
    NOBODY_READS: "the program that read the output, such as head, has stopped reading",
}
