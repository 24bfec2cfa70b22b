"""Spelling: what two engines propose, decided once for each word of the corpus, and what stays as it is."""
