"""Where: venues and online rooms."""
