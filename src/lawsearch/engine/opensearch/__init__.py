"""OpenSearch behind the seam (optional: ``pip install 'lawsearch[opensearch]'``): for many users of one large corpus.

We analyse, the cluster stores and finds: `encoding` says what a document looks like there, `queries` how a tree is asked,
`cluster` talks to it, `writing` fills an index and switches the alias to it, `reading` answers from it, `settings` are where
and who we are there.
"""
