"""The tracker: where viewers of a video find each other, so that they can pass it on."""
