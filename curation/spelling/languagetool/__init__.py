"""A LanguageTool server: found or started, asked in batches, and stopped."""
