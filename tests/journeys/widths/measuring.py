"""What is wrong with a page at one width, measured in the browser in one go."""

from pathlib import Path

WIDTHS = range(320, 1601, 20)
REACH = (Path(__file__).parent / "reach.js").read_text(encoding="utf-8")
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")

# In the next frame: until then the media queries are those of the width before. What is only there for a frame or two
# (a chart that follows its box) is no fault.
SETTLED = """async (argument, look) => {
  let found;
  for (let frame = 0; frame < 4; frame += 1) {
    await new Promise((done) => requestAnimationFrame(done));
    found = look(argument);
    if (!found.length) break;
  }
  return found;
}"""


def session_of(page):
    if not hasattr(page, "measuring"):
        page.measuring = page.context.new_cdp_session(page)
    return page.measuring


def resize(session, width, height):
    session.send("Emulation.setDeviceMetricsOverride",
                 {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})


def faults(page, widths=WIDTHS, *, height=900, free=False, text="100%"):
    """``{fault: widths}`` of the open page. ``free``: tables may scroll in a box of their own (the admin site's).

    ``text``: the size of the root's font. A fault is a sentence with a short selector in it, the same at each width.
    """
    found: dict[str, list[int]] = {}
    page.evaluate("document.fonts.ready")  # or the first width is measured in another typeface
    session = session_of(page)
    session.send("Runtime.evaluate", {"expression": f"window.measure = {MEASURE}"})
    session.send("Runtime.evaluate", {"expression": f"document.documentElement.style.fontSize = '{text}'"})
    for width in widths:
        resize(session, width, height)
        answer = session.send("Runtime.evaluate", {
            "expression": f"({SETTLED})({{free: {str(free).lower()}}}, measure)",
            "awaitPromise": True, "returnByValue": True})
        assert "exceptionDetails" not in answer, answer
        for fault in answer["result"]["value"]:
            found.setdefault(fault, []).append(width)
    return found


def unreachable(page, width, height, within="main"):
    """What cannot be pressed in a window of this size, wherever one scrolls."""
    resize(session_of(page), width, height)
    return page.evaluate(f"(within) => ({SETTLED})(within, {REACH})", within)


def report(found):
    """Readable lines of ``{where: {fault: widths}}``."""
    return "\n".join(f"{where}: {fault} at {widths[0]}–{widths[-1]} px ({len(widths)})"
                     for where, each in found.items() for fault, widths in each.items())
