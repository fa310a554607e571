"""Kazakh-Russian terms: the term base, and where its terms stand in a text."""
