"""Templates → pages. Whatever somebody wrote is escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
STYLE = (HERE / "static" / "style.css").read_bytes()
# Says nothing, not even to a search engine.
BLANK = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex">'
    "<title></title></html>\n"
)

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **facts: object) -> str:
    """Fill in a template."""
    return _templates.get_template(template).render(**facts)
