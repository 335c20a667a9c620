"""Reads a page as a visitor would: its words, its statements, where their links lead."""

from collections import defaultdict
from html.parser import HTMLParser

NAMING = ("for", "aria-labelledby", "aria-describedby", "aria-controls")  # other elements
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """The page of a response. `cited` holds, for each statement shown, the addresses of its
    citations by their ids; `ids` every id, in order; `named` what labels and
    the like name."""

    def __init__(self, response):
        super().__init__(convert_charrefs=True)
        self.status = response.status_code
        self.html = response.content.decode()
        self.ids, self.links, self.resources, self.inline = [], [], [], []
        self.named = set()
        self.cited = defaultdict(dict)
        self._words, self._open = [], []
        self.feed(self.html)
        self.close()
        assert self._open == [], "elements that are not closed"
        self.words = " ".join("".join(self._words).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self._open.append((tag, attrs.get("data-statement")))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        self.named.update(*(attrs[name].split() for name in NAMING if name in attrs))
        if statement := attrs.get("data-statement"):
            self.cited[statement] = self.cited[statement]
        if tag == "a":
            self.links.append(attrs["href"])
            if citation := attrs.get("data-citation"):
                statement = next(of for _, of in reversed(self._open) if of)
                self.cited[statement][citation] = attrs["href"]
        if tag in {"script", "img"} and "src" in attrs:
            self.resources.append(attrs["src"])
        if tag == "link" and attrs["rel"] not in {"canonical", "alternate"}:
            self.resources.append(attrs["href"])
        is_data = attrs.get("type") == "application/ld+json"
        if (tag == "script" and "src" not in attrs and not is_data) or tag == "style":
            self.inline.append(tag)
        self.inline += [name for name in attrs if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag):
        found, _ = self._open.pop()
        assert found == tag, f"<{found}> closed by </{tag}>"

    def handle_data(self, data):
        self._words.append(data)
