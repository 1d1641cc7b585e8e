"""What the sidecar remembers. The only room that knows SQL; every function takes an open transaction."""
