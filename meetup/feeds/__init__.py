"""Calendars at a URL."""
