"""The postings behind a narrow seam: write documents of keys, run query trees over them."""
