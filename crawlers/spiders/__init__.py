"""Spiders: they follow links and hand on what the readers find."""

__all__: list[str] = []
