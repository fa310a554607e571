"""Text -> tokens with keys."""
