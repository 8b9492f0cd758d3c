"""The pages of regulations in the admin site, and who looks at them."""

from tests.support.regulations import make_document_type

LIST, ADD = "/admin/numbers/regulation/", "/admin/numbers/regulation/add/"
TYPES = "/admin/numbers/documenttype/"


def page(rule, operation="change"):
    return f"{LIST}{rule.pk}/{operation}/"


def filled(*lines, rule=None, **values):
    """What the form sends: the regulation's fields and its lines."""
    kept = list(rule.requirements.all()) if rule else []
    sent = {
        "country": "DE",
        "number_type": "did",
        "holder": "business",
        "valid_from": "2026-01-01",
        "valid_until": "",
        "summary": "In the area.",
        "requirements-TOTAL_FORMS": len(lines),
        "requirements-INITIAL_FORMS": len(kept),
    } | values
    for n, line in enumerate(lines):
        given = {
            "title": "Address",
            "count": 1,
            "address_scope": "none",
            "position": n + 1,
            "id": kept[n].pk if n < len(kept) else "",
            "regulation": rule.pk if rule else "",
        } | line
        sent |= {f"requirements-{n}-{name}": value for name, value in given.items()}
    return sent


def line(**values):
    return {"document_types": [make_document_type("bill").pk]} | values
