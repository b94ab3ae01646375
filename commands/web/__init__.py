"""The web face: feeds, webhooks, small pages and health."""
