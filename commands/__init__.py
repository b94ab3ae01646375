"""What can be done: the command line, the web, and what drives them."""
