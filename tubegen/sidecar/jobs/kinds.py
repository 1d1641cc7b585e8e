"""The kinds of work that domain functions ask for and that need another server first. The key is an address."""

FETCH_OBJECT = "fetch-object"
"""Look at a post where it lives: somebody else told of it, or only its id was sent. The payload is the host of
who told us."""
FETCH_QUOTE = "fetch-quote"
"""Look at a post that wants to quote us; the payload is the QuoteRequest."""
CONFIRM_OBJECT = "confirm-object"
"""Find out whether a post that was not found where it lived is not found a day later either."""
CONFIRM_ACTOR = "confirm-actor"
"""Find out whether an actor whose inbox is not there is gone too (L-6)."""
REFRESH_ACTOR = "refresh-actor"
"""Fetch an actor anew: it said that it has changed, or that it is gone and its key with it."""
