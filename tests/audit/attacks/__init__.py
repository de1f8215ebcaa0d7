"""What the tests do to logs of each format, and what must be found then."""
