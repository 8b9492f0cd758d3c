"""A page with the values of a draft in its form, and a notice that says so.

Any page: the form is found by where it is sent to, and filled as a browser would fill it. Hidden fields are left as the
page has them (prices, tokens): what is confirmed is what the page shows now.
"""

from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from portal.accounts.form_drafts import PARAMETER, FormDraft, is_restorable

RESTORED = (
    "You were signed out before this form was sent, so nothing was changed. What you typed is here again: "
    "check it, then send it."
)
FILE = " Files and passwords have to be entered again."
NOT_FOUND = "You were signed out before your last step was done, so nothing was changed. Please repeat it."
NOT_RESTORED = {"hidden", "password", "file", "submit", "button", "image", "reset"}
Attributes = dict[str, str | None]


@dataclass
class _Tag:
    name: str
    start: int
    end: int
    attributes: Attributes
    owner: "_FormTag | None" = None
    inside: tuple["_Tag", ...] = ()  # the <details> around it
    body_end: int = 0  # of a textarea
    select: "_Tag | None" = None  # of an option
    text: str = ""  # of an option


@dataclass
class _FormTag:
    tag: _Tag
    controls: list[_Tag] = field(default_factory=list)


class _Reader(HTMLParser):
    """Where forms and their controls are."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.starts = [0]
        for line in page.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.forms: list[_FormTag] = []
        self.loose: list[_Tag] = []  # controls that name their form
        self.details: list[_Tag] = []
        self.form: _FormTag | None = None
        self.select: _Tag | None = None
        self.option: _Tag | None = None
        self.textarea: _Tag | None = None
        self.main: _Tag | None = None
        self.feed(page)
        self.close()
        by_id = {form.tag.attributes.get("id"): form for form in self.forms}
        for tag in self.loose:
            form = by_id.get(tag.attributes.get("form"))
            if form:
                form.controls.append(tag)

    def position(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self.position()
        found = _Tag(tag, start, start + len(self.get_starttag_text() or ""), dict(attrs), inside=tuple(self.details))
        match tag:
            case "form":
                self.form = _FormTag(found)
                self.forms.append(self.form)
            case "details":
                self.details.append(found)
            case "main":
                self.main = self.main or found
            case "option":
                found.select, self.option = self.select, found
                self._control(found)
            case "input" | "select" | "textarea":
                if tag == "select":
                    self.select = found
                if tag == "textarea":
                    self.textarea = found
                self._control(found)

    def _control(self, tag: _Tag) -> None:
        if "form" in tag.attributes:
            self.loose.append(tag)
        elif self.form:
            self.form.controls.append(tag)

    def handle_data(self, data: str) -> None:
        if self.option:
            self.option.text += data

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self.form = None
            case "details" if self.details:
                self.details.pop()
            case "select":
                self.select = self.option = None
            case "option":
                self.option = None
            case "textarea" if self.textarea:
                self.textarea.body_end, self.textarea = self.position(), None


def restore(page: str, draft: FormDraft, address: str) -> str:
    """``page`` is HTML, ``address`` the path at which it is shown."""
    reader = _Reader(page)
    form = _best([each for each in reader.forms if _is_sent_to(each, draft.path, address)], draft)
    edits = _edits(page, form, draft) if form else {}
    if form and edits:
        has_file = any(tag.attributes.get("type") in ("file", "password") for tag in form.controls)
        words, at = RESTORED + (FILE if has_file else ""), form.tag.start
        for details in form.tag.inside:
            if "open" not in details.attributes:
                edits[details.start] = (details.end, _written(details.name, details.attributes | {"open": None}))
    else:
        words, at = NOT_FOUND, reader.main.end if reader.main else 0
    notice = f'<div class="alert alert-info" role="status" id="{PARAMETER}">{escape(words)}</div>' if at else ""
    return _applied(page, edits, at, notice)


def _is_sent_to(form: _FormTag, path: str, address: str) -> bool:
    attributes = form.tag.attributes
    there = urlsplit(urljoin(address, attributes.get("action") or "")).path or address
    return (attributes.get("method") or "").lower() == "post" and there == path


def _best(forms: list[_FormTag], draft: FormDraft) -> _FormTag | None:
    """Of forms that are sent to one address: the one whose hidden fields are those of the draft."""

    def fit(form: _FormTag) -> tuple[int, int]:
        known = [tag.attributes for tag in form.controls if tag.attributes.get("name") in draft.fields]
        same = sum(
            given.get("value") in draft.fields[str(given["name"])] for given in known if given.get("type") == "hidden"
        )
        return same, len(known)

    return max(forms, key=fit, default=None)


def _edits(page: str, form: _FormTag, draft: FormDraft) -> dict[int, tuple[int, str]]:
    """By where it begins: up to where the page is replaced, and by what."""
    edits: dict[int, tuple[int, str]] = {}
    left = {name: list(values) for name, values in draft.fields.items()}
    for tag in form.controls:
        attributes = tag.select.attributes if tag.select else tag.attributes
        name, kind = attributes.get("name") or "", (tag.attributes.get("type") or "text").lower()
        if not name or kind in NOT_RESTORED or not is_restorable(name, draft.path):
            continue
        if tag.name == "option":
            _flag(tag, "selected", left, name, tag.attributes.get("value", unescape(tag.text.strip())), edits)
        elif kind in ("checkbox", "radio"):
            _flag(tag, "checked", left, name, tag.attributes.get("value", "on"), edits)
        elif left.get(name) and tag.name == "textarea":
            edits[tag.end] = (tag.body_end, "\n" + escape(left[name].pop(0)))
        elif left.get(name) and tag.name == "input":
            edits[tag.start] = (tag.end, _written("input", tag.attributes | {"value": left[name].pop(0)}))
    return edits


def _flag(
    tag: _Tag, flag: str, left: dict[str, list[str]], name: str, value: str | None, edits: dict[int, tuple[int, str]]
) -> None:
    """A choice is made or taken back; of a group that is not in the draft only checkboxes are."""
    if name not in left and not (flag == "checked" and tag.attributes.get("type") == "checkbox"):
        return
    if (value in left.get(name, [])) != (flag in tag.attributes):
        given = {key: each for key, each in tag.attributes.items() if key != flag}
        edits[tag.start] = (tag.end, _written(tag.name, given if flag in tag.attributes else given | {flag: None}))


def _written(name: str, attributes: Attributes) -> str:
    parts = [key if value is None else f'{key}="{escape(value)}"' for key, value in attributes.items()]
    return f"<{' '.join([name, *parts])}>"


def _applied(page: str, edits: dict[int, tuple[int, str]], at: int, notice: str) -> str:
    parts, done = [], 0
    for start in sorted({*edits, at}):
        parts.append(page[done:start])
        done = start
        if start == at:
            parts.append(notice)
        if start in edits:
            done, text = edits[start]
            parts.append(text)
    return "".join([*parts, page[done:]])
