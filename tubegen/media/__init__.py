"""A video file becomes renditions, playlists, stills: probe, plan, encode, package. Knows nothing of pages."""
