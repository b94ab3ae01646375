"""Calendars and pages at a URL."""
