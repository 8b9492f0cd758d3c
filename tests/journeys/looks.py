"""What a screen looks like in each of the usual windows, in light and dark."""

from tests.journeys.widths.measuring import faults_now

WIDTHS = (320, 390, 768, 1024, 1280)


def looks_right_everywhere(page, accessible):
    """Nothing scrolls sideways or is cut off, and axe finds nothing."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a menu that moves is not measured
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert faults_now(page) == [], (page.url, scheme, width)
        accessible(page)
    page.set_viewport_size({"width": 1280, "height": 900})
