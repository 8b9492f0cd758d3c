"""The page of the pretend switch: a form, and what the call did."""

import html
from pathlib import Path
from string import Template

from sandbox.switch.calls import ENDINGS, PretendCall

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
STYLE = (HERE / "switch.css").read_text(encoding="utf-8")


def form(*, did: str, caller: str, ending: str, seconds: str, back: str, error: str = "", done: str = "") -> str:
    """``back``: the address of the portal; ``done``: HTML of a call that was made."""
    checked = dict.fromkeys(ENDINGS, "") | {ending: " checked"}
    choices = "".join(
        f'<label><input type="radio" name="ending" value="{name}"{checked[name]}> {words}</label>'
        for name, words in ENDINGS.items()
    )
    return PAGE.substitute(
        did=html.escape(did),
        caller=html.escape(caller),
        seconds=html.escape(seconds),
        choices=choices,
        back=html.escape(back),
        error=f'<p class="error" role="alert">{html.escape(error)}</p>' if error else "",
        done=done,
    )


def outcome(call: PretendCall) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in call.lines)
    return f'<section class="card" role="status"><h2>What happened</h2><ol>{lines}</ol></section>'
