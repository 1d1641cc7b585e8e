"""What other servers demand of a document before they take it, each demand as one predicate.

They restate in our words what `reference/interop.md`, `peertube.md` and `peers.md` found. A document is
fit for a server when `complaints` finds nothing.
"""
