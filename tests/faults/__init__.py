"""What is done to the program so that it fails, and the judges outside of it. `make faults` does it at full length."""
