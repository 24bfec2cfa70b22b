"""The tuning room: a manifest in, an adapter out. It works on files alone and never opens the database."""

__all__: list[str] = []
