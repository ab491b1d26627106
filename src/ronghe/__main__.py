"""Lets `python -m ronghe` do what the `ronghe` command does."""

from ronghe.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
