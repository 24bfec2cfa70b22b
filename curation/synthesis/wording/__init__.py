"""How questions are worded, in Spanish and English: verbs, forms of address, keywords, and what must never change."""
