"""What others say, from when it is verified: taken down at once, processed a moment later."""
