"""The one way out: to the servers of others, guarded, and what they say of their actors and keys."""
