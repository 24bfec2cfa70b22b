"""Work in stages of tasks that hand over through files: run in this process, or on a Ray cluster."""

__all__: list[str] = []
