"""Pairs that are made, not found: recipes, the models that they ask, the ledger of every call, and gates."""
