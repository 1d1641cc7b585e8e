"""The folder an author writes becomes a typed, immutable `Site`: no ffmpeg, no pages."""
