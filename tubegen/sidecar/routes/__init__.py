"""What the sidecar answers over HTTP."""
