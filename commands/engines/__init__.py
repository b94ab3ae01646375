"""What makes the ticks happen."""
