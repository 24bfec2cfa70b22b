"""The window: screens over the services of curation. No SQL and no rules of its own."""
