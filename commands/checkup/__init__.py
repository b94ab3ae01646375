"""What `meetup doctor` looks at, one subject a module."""
