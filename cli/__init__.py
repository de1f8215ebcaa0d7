"""The commands behind ./plumb."""
