"""`python -m lunasec.cli`: the command without an installed script."""

from lunasec.cli import main

main()
