"""Puts the rooms together and is the only one that writes the site."""
