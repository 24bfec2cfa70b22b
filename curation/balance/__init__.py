"""How the pairs are spread: over sources, labels, languages, authors, and over ways to speak. Counts, no judgement."""
