"""What other servers say, and what follows from it: plain functions of a connection and an activity."""
