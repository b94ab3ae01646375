"""The wires: one file a channel, each with send and find."""
