"""`python -m converter`."""

from converter.cli import main

main(prog_name="converter")
