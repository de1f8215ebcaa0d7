"""The names of the commands, each with what it does: `./plumb help` reads them from this file."""

COMMANDS = {
    "up": "start everything: cluster, schema, jobs, demo shop, API",
    "down": "stop what `up` started",
    "status": "show what runs, where, and how healthy it is",
    "migrate": "bring the database's schema and code to this version",
    "verify": "check every invariant and explain what is wrong",
    "audit": "anchor and verify the audit log, prove a row of it",
    "backup": "make backups, and prove them by restoring them",
    "gate": "judge whether a deployment may proceed",
    "deploy": "deploy, watch, and roll back what does harm",
    "report": "write the executive report, or print one",
    "demo": "run shop traffic; break and repair an invariant on purpose",
    "token": "create, revoke and list API tokens",
    "psql": "open psql on the guarded database",
    "scheduler": "run the jobs from outside, where pg_cron does not",
    "dispatch": "deliver alerts from outside a server that has no plpython3u",
    "bench": "measure what guarding costs",
    "reference": "write docs/reference from the code",
    "lint": "run the linters and the type checker, or rewrite what they can",
    "test": "run all checks in a cluster of their own",
}
