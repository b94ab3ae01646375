"""Real local servers that stand in for the mail relay and for Twilio, for the demo and the tests."""
