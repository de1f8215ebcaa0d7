"""The runbooks, which the HTTP service shows: a package, so that an installed one has them."""
