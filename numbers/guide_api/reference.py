"""The API reference of a project: the guide's three calls with the project's own ID filled in.

The Auth Token is never in it: commands take it from the shell's variable AUTH_TOKEN.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from billing import money
from numbers.guide_api import documented_errors, envelopes
from numbers.guide_api.documented_errors import DocumentedError, errors_of_call, pretty_body
from numbers.guide_api.parameters import MAX_BODY_BYTES, MAX_VALUE_LENGTH
from numbers.inventory import stats
from numbers.inventory.models import Number
from numbers.inventory.search import NumberRow, SearchPage
from numbers.inventory.search_parameters import DEEPEST_OFFSET
from numbers.inventory.search_statements import COLUMNS
from numbers.leases.models import Lease
from portal.accounts.telephone import international
from projects.models import Project

# Of ranges kept for fiction: where the catalogue has nothing to show, and where calls go.
FICTIONAL_NUMBER = NumberRow(
    0, "+12125550123", "US", "New York", "New York", Number.Type.DID.value, True, True, Decimal(1), Decimal(1), False
)
FICTIONAL_TARGET = "+442079460018"
EXAMPLE_CANDIDATES = 50  # numbers, for one that needs no documents


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kind: str  # type and limits
    meaning: str
    required: bool = True
    where: str = "parameter"


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    command: str
    status: int
    answer: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    anchor: str
    method: str
    path: str
    meaning: str
    parameters: tuple[Parameter, ...]
    examples: list[Example]
    errors: list[DocumentedError]


@dataclass(frozen=True, slots=True)
class Limit:
    what: str
    maximum: int  # 0 = no limit
    unit: str


KEY_PARAMETERS = (
    Parameter("projectid", "text", "The Project ID, shown above."),
    Parameter("authtoken", "text", "An Auth Token of the project, primary or secondary."),
)
PHONE = "phone number in international format, with or without + and separators"
LIST_PARAMETERS = (
    Parameter("country", "two capital letters, ISO 3166-1", "For example US or IN."),
    Parameter("limit", f"offset,count: 0 to {DEEPEST_OFFSET:,}, 1 to 100", "How many to skip, how many to list: 0,20."),
    Parameter("number_type", f"{Number.Type.any_of()}, in any case", "Which type of number."),
    Parameter(
        "state",
        f"text, at most {MAX_VALUE_LENGTH} characters",
        "State or region, by name or usual abbreviation.",
        False,
    ),
    Parameter("pattern", "digits, letters, * and ?", "Digits or letters to find, without the country code.", False),
    Parameter("match", "start, contains (default) or end", "Where the pattern must be.", False),
    Parameter("sms", "1", "Only numbers with SMS.", False),
    Parameter("voice", "1", "Only numbers with Voice.", False),
)
PURCHASE_PARAMETERS = (
    *KEY_PARAMETERS,
    Parameter("number", PHONE, "The number to buy."),
    Parameter("action", "purchase", "The only action."),
    Parameter(
        "Idempotency-Key",
        "1 to 80 visible ASCII characters",
        "The same call with the same key buys once and repeats its answer.",
        False,
        "header",
    ),
)
ROUTING_PARAMETERS = (
    *KEY_PARAMETERS,
    Parameter("calltype", "3", "Call forward."),
    Parameter("number", PHONE, "A number of the project."),
    Parameter("pstn_number", PHONE, "Where its calls go. That phone sees the called number as the caller."),
)


def calls(project: Project) -> list[Call]:
    """Three queries at most."""
    number = example_number()
    return [_listing(number), _purchase(project, number), _routing(project, _own_number(project) or number.e164)]


def limits() -> list[Limit]:
    return [
        Limit("List numbers", settings.LIST_NUMBERS_PER_MINUTE, "calls a minute from one address"),
        Limit(
            "Buy a number and forward calls, together",
            settings.PROJECT_WRITES_PER_MINUTE,
            "calls a minute of one project",
        ),
        Limit(
            "Wrong keys",
            settings.FAILED_KEYS_PER_MINUTE,
            "a minute from one address; after that no keys are checked for the rest of the minute",
        ),
        Limit("Body of a POST", MAX_BODY_BYTES // 1024, "KB"),
    ]


def example_number() -> NumberRow:
    """A number for calls that can be bought at once, of the United States if there is one."""
    facets = sorted(stats.facets().items(), key=lambda each: (each[0] != "US", each[0]))
    for country, found in facets:
        facet = next(
            (each for each in found if each.voice and not each.docs_required and each.type == Number.Type.DID), None
        )
        if facet is not None:
            first = _first_purchasable(Number.objects.filter(country=country, region=facet.region, type=facet.type))
            return first or FICTIONAL_NUMBER
    return FICTIONAL_NUMBER


def _first_purchasable(numbers: QuerySet[Number]) -> NumberRow | None:
    """In the order of the index, and no further than a few rows: an example is not worth a long search."""
    rows = numbers.filter(status=Number.Status.AVAILABLE).order_by("e164").values_list(*COLUMNS)[:EXAMPLE_CANDIDATES]
    return next((row for row in (NumberRow(*each) for each in rows) if row.voice and not row.docs_required), None)


def _own_number(project: Project) -> str | None:
    return (
        Lease.objects.filter(project=project, status__in=Lease.LIVE, number__voice=True)
        .order_by("-id")
        .values_list("number__e164", flat=True)
        .first()
    )


def _listing(number: NumberRow) -> Call:
    kind = Number.Type(number.type).label
    query = f"country={number.country}&limit=0,20&number_type={kind}"
    page = SearchPage([number], 1, False)
    return Call(
        "List numbers",
        "list",
        "GET",
        "/listnewnumbers",
        "Numbers on sale, with their prices. No keys are needed. count is the number of all numbers that match, "
        "whatever limit says.",
        LIST_PARAMETERS,
        [
            Example(
                "List numbers",
                f'curl "{settings.SITE_URL}/listnewnumbers?{query}"',
                200,
                pretty_body(envelopes.list_response(page)),
            )
        ],
        errors_of_call(documented_errors.LIST_ERRORS, envelopes.list_error),
    )


def _purchase(project: Project, number: NumberRow) -> Call:
    costs = {"setup_cost": number.setup_price, "monthly_cost": number.monthly_price}
    bought: dict[str, Any] = {"number": number.e164, "state": "purchased"} | costs | {"order_id": "17"}
    note = (
        ""
        if number is FICTIONAL_NUMBER
        else (
            f"This command buys {international(number.e164)} for "
            f"{money.display(number.setup_price + number.monthly_price)}, setup and first month."
        )
    )
    return Call(
        "Buy a number",
        "buy",
        "POST",
        "/purchasenumber",
        "Charges setup and the first month; the number is then yours (200). A number that needs documents becomes "
        "an order, and the amount is held (202, state ordered).",
        PURCHASE_PARAMETERS,
        [
            Example(
                "Buy a number",
                _post("/purchasenumber", project, number=number.e164, action="purchase"),
                200,
                pretty_body(envelopes.purchase_response(bought, 200)),
                note,
            )
        ],
        errors_of_call(documented_errors.PURCHASE_ERRORS, envelopes.purchase_error),
    )


def _routing(project: Project, e164: str) -> Call:
    command = _post("/api/callrouting", project, calltype="3", number=e164, pstn_number=FICTIONAL_TARGET)
    return Call(
        "Forward calls to a phone",
        "route",
        "POST",
        "/api/callrouting",
        "Sets or changes where calls to a number go. This call answers wrong keys with 404 and what cannot be "
        "done with 401, as the guide has it.",
        ROUTING_PARAMETERS,
        [
            Example(
                "Forward calls to a phone",
                command,
                200,
                pretty_body(envelopes.routing_response(f"Calls to {e164} are forwarded to {FICTIONAL_TARGET}.")),
            )
        ],
        errors_of_call(documented_errors.ROUTING_ERRORS, envelopes.routing_error),
    )


def _post(path: str, project: Project, **values: str) -> str:
    """In a form body a bare + would be a space: curl encodes the numbers."""
    lines = [f"curl -X POST {settings.SITE_URL}{path}", f"-d projectid={project.pid}", '-d "authtoken=$AUTH_TOKEN"']
    for name, value in values.items():
        lines.append(f'{"--data-urlencode" if value.startswith("+") else "-d"} "{name}={value}"')
    return " \\\n  ".join(lines)
