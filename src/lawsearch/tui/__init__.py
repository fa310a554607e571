"""The terminal UI: a face on the same searcher as every command; it draws what `output/` lays out."""
