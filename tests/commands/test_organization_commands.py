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


def test_a_group_may_not_be_called_what_every_text_says(shell: Shell) -> None:
    shell.fine("organization", "edit", "--sender-name", "Harbor Friends", "--cover-label", "Weekly plan")

    refused = shell("group", "add", "Harbor friends", "--label", "Thursday")

    assert refused.code == 4
    assert "Texts begin with “Harbor Friends”, which would give away “Harbor friends”" in refused.err
    assert "meetup organization edit --sender-name" in refused.err


def test_a_sender_name_may_not_say_what_a_group_is_called_or_about(shell: Shell) -> None:
    shell.fine("group", "add", "Harbor Friends", "--label", "Thursday", "--topic", "knitting")

    for option, text in (("--sender-name", "HarborFriends"), ("--cover-label", "Your knitting")):
        refused = shell("organization", "edit", option, text)
        assert refused.code == 4, refused
        assert f"meetup organization edit {option}" in refused.err
    assert "Knitting" not in shell.fine("organization", "show").out


def test_a_group_may_not_be_renamed_to_what_every_text_says(shell: Shell) -> None:
    shell.fine("organization", "edit", "--sender-name", "Harbor")
    shell.fine("group", "add", "Thursday people", "--label", "Thursday")

    assert shell("group", "edit", "Thursday people", "--name", "Harbor").code == 4
    assert shell("group", "edit", "Thursday people", "--name", "Harbor evening people").code == 0
