"""A guard in the database of the tests: it refuses every move of a delivery that no arrow allows."""

from meetup.storage.database import Database
from notifications.rules.arrows import moves


def post(database: Database) -> None:
    """Put the guard into a database. A copy of the file keeps it; on a server the constraint of the states is all."""
    if not database.is_sqlite:
        return
    allowed = ", ".join(f"'{start}>{end}'" for start, end in sorted(moves()))
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER guard BEFORE UPDATE OF state ON deliveries"
            f" WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({allowed})"
            " BEGIN SELECT RAISE(ABORT, 'no arrow leads there'); END"
        )
