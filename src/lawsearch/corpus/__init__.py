"""Files -> acts: one small reader a format, one shared grammar of articles, points, sub-points and edition notes."""
