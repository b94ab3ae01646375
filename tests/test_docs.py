"""The documents cannot go stale: the reference is compared with the program, and the README with what exists."""

import re
from pathlib import Path

import pytest

from commands import menu, settings
from docs import generate

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", generate.PAGES)
def test_the_reference_says_what_the_program_says(name: str) -> None:
    written = (generate.HERE / name).read_text(encoding="utf-8")

    assert written == generate.PAGES[name](), "run `make docs`"


def test_every_setting_says_what_it_is_for() -> None:
    assert set(generate.MEANINGS) == set(settings.NAMES)


def test_every_command_of_the_readme_exists() -> None:
    known = {" ".join(words) for words in generate.commands()}
    shown = re.findall(r"^\$ meetup (.+)$", README, re.MULTILINE)

    unknown = [line for line in shown if not any(line == one or line.startswith(f"{one} ") for one in known if one)]

    assert shown
    assert unknown == []


def test_the_two_commands_of_the_readme_are_targets_of_make() -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert {"demo", "test", "check", "bench"} <= set(targets)


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_requirements_are_hashed_and_hold_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text.strip()))


def test_there_is_no_lock_file_with_addresses() -> None:
    assert not [name for name in ("uv.lock", "pylock.toml", "poetry.lock") if (ROOT / name).exists()]


def test_the_menu_is_in_the_reference() -> None:
    page = (generate.HERE / "commands.md").read_text(encoding="utf-8")

    assert [name for name in menu.COMMANDS if f"## `meetup {name}`" not in page] == []


def test_links_between_documents_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)", page.read_text(encoding="utf-8"))]

    assert [f"{page.name}: {link}" for page, link in links if not (page.parent / link).exists()] == []
