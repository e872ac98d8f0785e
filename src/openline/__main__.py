"""`python -m openline` is the command `openline`."""

from openline.cli import main

main()
