"""`meetup privacy status` shows what is kept about people, and names nobody."""

from tests.commands.shell import Shell


def test_everything_about_people_is_counted_and_nothing_named(shell: Shell) -> None:
    shell.fine("member", "add", "Ada", "--phone", "+12025550123", "--email", "ada@example.org")

    found = {one["what"]: one for one in shell.data("privacy", "status")["kept"]}

    assert found["members"]["number"] == 1
    assert found["numbers and addresses"]["number"] == 2
    assert shell.data("privacy", "status")["sealed_by_key"] == {"1": 3}
    shown = shell.fine("privacy", "status").out
    assert "14 days after they were read" in shown
    assert "Ada" not in shown
