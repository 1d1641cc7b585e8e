"""Serves a finished site on this machine, and tells open pages when it changed."""
