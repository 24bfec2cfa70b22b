"""Your own data in: tables as pairs."""

__all__: list[str] = []
