"""tubegen: a folder of videos and markdown becomes a static video site that viewers share between them."""

__version__ = "0.1.0"
