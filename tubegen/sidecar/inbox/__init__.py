"""What others say, from when it is verified: taken down at once, worked in a moment later."""
