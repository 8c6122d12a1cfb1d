"""What `make bench` measures: speed as ratios of one run, never as a timed test."""
