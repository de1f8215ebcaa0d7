"""The revisions, oldest first. Once landed, a revision never changes."""
