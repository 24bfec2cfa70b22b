"""Pages in: crawls support sites, reads question/answer pairs from pages, imports files."""

__all__: list[str] = []
