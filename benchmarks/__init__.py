"""Measurements of this machine, as ratios against named baselines: ``make bench``."""
