"""Run the command line: `python -m meetup`."""

import sys

from commands.app import main

sys.exit(main())
