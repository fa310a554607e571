"""Full-text bilingual (Kazakh and Russian) search in the law of Kazakhstan."""

__version__ = "0.1.0"
