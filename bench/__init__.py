"""Measurements of what Plumbline costs, as ratios taken side by side in one run."""
