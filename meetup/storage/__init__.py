"""The database: its tables, sessions, migrations, secrets and revisions."""
