"""Adapters served to programs: many on one base, answered together, asked as OpenAI's chat completions are."""
