"""The pages of the pretend switch: a form, and what the call or the message did."""

import html
from pathlib import Path
from string import Template

from sandbox.switch.calls import ENDINGS

HERE = Path(__file__).parent
PAGE = Template((HERE / "page.html").read_text(encoding="utf-8"))
SMS_PAGE = Template((HERE / "sms.html").read_text(encoding="utf-8"))
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
        error=_refusal(error),
        done=done,
    )


def sms_form(*, to: str, sender: str, text: str, back: str, error: str = "", done: str = "") -> str:
    """As :func:`form`, for a message."""
    return SMS_PAGE.substitute(
        to=html.escape(to),
        sender=html.escape(sender),
        text=html.escape(text),
        back=html.escape(back),
        error=_refusal(error),
        done=done,
    )


def _refusal(error: str) -> str:
    return f'<p class="error" role="alert">{html.escape(error)}</p>' if error else ""


def outcome(happened: list[str]) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in happened)
    return f'<section class="card" role="status"><h2>What happened</h2><ol>{lines}</ol></section>'
