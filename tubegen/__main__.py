"""`python -m tubegen` is the `tubegen` command."""

from tubegen.cli import main

main()
