"""The command line."""

import click


@click.group()
def main() -> None:
    """From a support site to a support model you can trust."""
