"""What is said: who is told what, when, by which channel, and how it ended."""
