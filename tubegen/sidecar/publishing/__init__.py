"""Our side: what the catalogue says, the actors that come of it, their private keys, and what they have published."""
