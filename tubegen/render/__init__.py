"""Model and media results become pages: files in memory, nothing written, nothing fetched."""
