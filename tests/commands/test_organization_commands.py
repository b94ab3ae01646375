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


def test_words_of_its_own_are_kept_out_of_everything(shell: Shell) -> None:
    shell.fine("organization", "edit", "--words", "lantern*,  blue door ")
    assert shell.data("organization", "show")["organization"]["words"] == "lantern*, blue door"

    refused = shell("group", "add", "Thursday circle", "--label", "Lanterns")
    assert (refused.code, "lantern" in refused.err) == (4, True)
    shell.fine("group", "add", "Thursday circle", "--label", "Thursday plan")
    assert shell("announce", "thursday-circle", "Come in by the blue door", "--yes").code == 4
    assert "blue door" in shell.fine("venue", "add", "The Blue Door", "--address", "1 Farm Lane, Troy").err.lower()


def test_a_word_that_every_text_says_cannot_be_kept_out(shell: Shell) -> None:
    sender = shell.data("organization", "show")["organization"]["sender_name"]
    refused = shell("organization", "edit", "--words", f"lamp, {sender}")

    assert (refused.code, sender in refused.err) == (4, True)
