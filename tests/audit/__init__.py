"""The audit log: written, sealed, verified, reconciled, redacted, retired."""
