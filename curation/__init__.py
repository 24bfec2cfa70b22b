"""Curation: pairs sieved, judged by written rules, and exported."""
