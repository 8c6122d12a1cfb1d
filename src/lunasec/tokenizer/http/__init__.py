"""HTTP: what goes in and out, who calls, how much and how often. Decides nothing else."""
