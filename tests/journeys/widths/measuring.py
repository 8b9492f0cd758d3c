"""What is wrong with a page at one width, measured in the browser in one go."""

import re
from pathlib import Path

WIDTHS = range(320, 1601, 20)
REACH = (Path(__file__).parent / "reach.js").read_text(encoding="utf-8")
MEASURE = (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
FRAME = "<!doctype html><title>Widths</title><iframe name=window></iframe>"

# What is only there for a frame or two (a chart that follows its box) is no fault.
SETTLED = """const settled = async (look, argument) => {
  let found = look(argument);
  for (let frame = 0; found.length && frame < 4; frame += 1) {
    await new Promise((done) => requestAnimationFrame(done));
    found = look(argument);
  }
  return found;
};
const resize = (width, height) =>
  Object.assign(window.frameElement.style, {width: `${width}px`, height: `${height}px`});"""
LOOK = f"""async ([widths, height, free]) => {{
  {SETTLED}
  const measure = {MEASURE};
  const found = [];
  for (const width of widths) {{
    resize(width, height);
    for (const fault of await settled(measure, {{free}})) found.push([fault, width]);
  }}
  return found;
}}"""
NOW = f"async () => {{ {SETTLED} return settled({MEASURE}, {{free: false}}); }}"
TRY = f"""async ([width, height, within]) => {{
  {SETTLED}
  resize(width, height);
  return settled({REACH}, within);
}}"""


def framed(page):
    """A frame of ``page`` to open the portal in. For what is in it, its size is the window's; it changes at once,
    while a window changes with the picture that is drawn next."""
    page.route(re.compile("/frame$"), lambda route: route.fulfill(content_type="text/html", body=FRAME))
    page.route(re.compile(r"^(?!.*(/static/|/frame$))"), _in_a_frame)
    page.goto("/frame")
    frame = page.frame("window")
    frame.watch = page.watch
    resize(frame, 1280, 900)
    return frame


def _in_a_frame(route):
    """The portal's pages stand in nobody's frame; here they do."""
    answer = route.fetch()
    headers = {
        name: value.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        for name, value in answer.headers.items()
        if name != "x-frame-options"
    }
    route.fulfill(response=answer, headers=headers)


def resize(frame, width, height):
    frame.frame_element().evaluate(
        """(frame, [width, height]) => Object.assign(frame.style,
        {border: 0, width: `${width}px`, height: `${height}px`})""",
        [width, height],
    )


def faults(frame, widths=WIDTHS, *, height=900, free=False, text="100%"):
    """``{fault: widths}`` of the open page. ``free``: tables may scroll in a box of their own (the admin site's).

    ``text``: the size of the root's font. A fault is a sentence with a short selector in it, the same at each width.
    """
    found: dict[str, list[int]] = {}
    frame.evaluate("document.fonts.ready")  # or the first width is measured in another typeface
    frame.evaluate("text => { document.documentElement.style.fontSize = text; }", text)
    for fault, width in frame.evaluate(LOOK, [list(widths), height, free]):
        found.setdefault(fault, []).append(width)
    return found


def faults_now(page):
    """Sentences about the open page at the width that its window has."""
    page.evaluate("document.fonts.ready")
    return page.evaluate(NOW)


def unreachable(frame, width, height, within="main"):
    """What cannot be pressed in a window of this size, wherever one scrolls."""
    return frame.evaluate(TRY, [width, height, within])


def report(found):
    """Readable lines of ``{where: {fault: widths}}``."""
    return "\n".join(
        f"{where}: {fault} at {widths[0]}–{widths[-1]} px ({len(widths)})"
        for where, each in found.items()
        for fault, widths in each.items()
    )
