"""A strict reader of our own pages: what it takes is well-formed, nested as HTML says, and in order."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "path", "input"}
PHRASES = {"a", "strong", "span", "time", "code", "title", "summary", "figcaption", "h1", "h2", "h3", "p", "dt"}
BLOCKS = {"p", "div", "section", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "figure", "details", "header"}
PARENTS = {"li": {"ul", "ol"}, "dt": {"dl"}, "dd": {"dl"}, "summary": {"details"}, "figcaption": {"figure"}}


@dataclass
class Page(HTMLParser):
    """What a page holds, and what is wrong with it."""

    text: str
    problems: list[str] = field(default_factory=list)
    tags: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  # what is named by aria-labelledby and #…
    headings: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open: list[str] = []
        self.feed(self.text)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]
        self._judge()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self.problems.append(f"<{tag}> says something twice")
        self._nest(tag)
        self.tags[tag] += 1
        self._note(tag, given)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_entityref(self, name: str) -> None:
        if name not in {"amp", "lt", "gt", "quot"}:
            self.problems.append(f"&{name}; is not ours")

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment:{data}")

    def _nest(self, tag: str) -> None:
        above = self._open[-1] if self._open else ""
        if tag in BLOCKS and above in PHRASES:
            self.problems.append(f"<{tag}> stands in <{above}>")
        if tag in PARENTS and above not in PARENTS[tag]:
            self.problems.append(f"<{tag}> stands in <{above}>")
        if above in {"ul", "ol"} and tag != "li":
            self.problems.append(f"<{tag}> stands in <{above}>")

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if tag == "html":
            self.language = given.get("lang", "")
        if "id" in given:
            self.ids.append(given["id"])
        if "aria-labelledby" in given:
            self.names.append(given["aria-labelledby"])
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(given["href"])
        if tag == "link" and given["rel"] == "stylesheet":
            self.loads.append(given["href"])
        self.loads += [given[name] for name in ("src", "srcset", "poster", "data") if name in given]
        self.problems += [f"<{tag}> has {name}" for name in given if name.startswith("on") or name == "style"]

    def _judge(self) -> None:
        if not self.text.startswith("<!doctype html>"):
            self.problems.append("no doctype")
        self.problems += [f"#{name} is there {count} times" for name, count in Counter(self.ids).items() if count > 1]
        self.problems += [f"#{name} is nowhere" for name in self.names if name not in self.ids]
        self.problems += [f"{self.tags[tag]} <{tag}>" for tag in ("html", "title", "main", "h1") if self.tags[tag] != 1]
        steps = zip([0, *self.headings], self.headings, strict=False)
        self.problems += [f"h{after} follows h{before}" for before, after in steps if after > before + 1]
