"""Changing what was said at the founding."""

from tests.commands.shell import Shell


def test_a_wrong_contact_address_can_be_put_right(shell: Shell) -> None:
    shell.fine("organization", "edit", "--contact-mail", "kim@example.org")

    assert "contact mail  kim@example.org" in shell.fine("organization", "show").out


def test_a_name_that_a_text_must_not_say_is_refused_and_nothing_changes(shell: Shell) -> None:
    before = shell.fine("organization", "show", "--json").out

    refused = shell("organization", "edit", "--sender-name", "Depression NY")

    assert refused.code == 4
    assert shell.fine("organization", "show", "--json").out == before


def test_editing_nothing_says_what_can_be_edited(shell: Shell) -> None:
    assert shell("organization", "edit").code == 2
