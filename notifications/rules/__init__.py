"""One rule each, all of them pure."""
