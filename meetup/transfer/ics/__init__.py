"""iCalendar files, in: bytes → components → events → courses → meetings, each step pure and within limits."""
