"""What is true: groups, places, meetings, members, and when each meeting happens."""

__version__ = "0.1.0"
