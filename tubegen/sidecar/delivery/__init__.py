"""Brings what our actors say to other servers: what to make of an answer, how fast, and the work itself."""
