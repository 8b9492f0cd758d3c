"""The hosted payment page, and the desk where a payer's bank and the merchant's staff act."""

from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.gateway.actions import Gateway
from sandbox.gateway.objects import Object

STYLE = (Path(__file__).parent / "gateway.css").read_text(encoding="utf-8")
BANNER = '<header class="banner"><strong>SANDBOX</strong> no money moves</header>'


def policy(session: Object | None = None) -> str:
    """Content-Security-Policy. A form may lead back to the merchant: browsers check redirects against it, too."""
    origins = {_origin(session[name]) for name in ("success_url", "cancel_url") if session[name]} if session else set()
    actions = " ".join(["'self'", *sorted(origins)])
    return f"default-src 'none'; style-src 'self'; form-action {actions}; base-uri 'none'; frame-ancestors 'none'"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/gateway.css"></head>'
        f"<body>{BANNER}{body}</body></html>"
    )


def amount(cents: int, currency: str) -> str:
    return f"{cents / 100:,.2f} {currency.upper()}"


def button(action: str, text: str, kind: str = "") -> str:
    return f'<button class="{kind}" name="action" value="{escape(action)}">{escape(text)}</button>'


def pay_page(session: Object, intent: Object | None) -> str:
    total = escape(amount(session["amount_total"], session["currency"]))
    head = f'<h1>{escape(session["_title"])}</h1><p class="total">{total}</p>'
    if session["status"] != "open":
        done = "This payment is complete." if session["status"] == "complete" else "This payment page has expired."
        back = f'<p><a href="{escape(session["success_url"])}">Back to the shop</a></p>'
        return page("Payment", f'<main class="card">{head}<p>{done}</p>{back}</main>')
    error = intent and intent["last_payment_error"]
    note = f'<p class="error" role="alert">{escape(error["message"])}</p>' if error else ""
    payer = escape(session["customer_email"] or "payer@customer.example")
    body = f"""
    <main class="card">{head}{note}
      <dl><dt>Payer</dt><dd>{payer}</dd><dt>Card</dt><dd>Visa 4242 4242 4242 4242, 12/34</dd></dl>
      <form method="post">
        {button("paid", f"Pay {amount(session['amount_total'], session['currency'])}", "primary")}
        {button("declined", "Pay with a card that is declined")}
        {button("later", "Pay later, by bank transfer")}
        {button("cancel", "Cancel and go back", "quiet")}
      </form>
      <p class="soft">A pretend payment page for trying the portal out. It asks for no card and takes no money.</p>
    </main>"""
    return page("Sandbox payment", body)


def desk(gateway: Gateway, note: str = "") -> str:
    rows = [_row(gateway, session) for session in gateway.store.of_kind("checkout.session")[:100]]
    table = (
        '<div class="scroll"><table><thead><tr><th>Payment</th><th>Amount</th><th>State</th><th>What happens next</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        if rows
        else '<p class="empty">No payment yet. Add credits in the portal, and it appears here.</p>'
    )
    notice = f'<p class="error" role="alert">{escape(note)}</p>' if note else ""
    lead = (
        '<p class="soft">What payers, banks and the merchant’s staff would do; the portal hears of it by webhook.</p>'
    )
    return page("Sandbox gateway", f'<main class="wide"><h1>Sandbox gateway</h1>{lead}{notice}{table}</main>')


def _row(gateway: Gateway, session: Object) -> str:
    intent = gateway.store.get(session["payment_intent"]) if session["payment_intent"] else None
    charge = gateway.store.get(intent["latest_charge"]) if intent and intent["latest_charge"] else None
    disputes = gateway.store.of_kind("dispute", charge=charge["id"]) if charge else []
    state = intent["status"] if intent and session["status"] == "complete" else session["status"]
    extras = []
    if charge and charge["amount_refunded"]:
        extras.append(f"refunded {amount(charge['amount_refunded'], charge['currency'])}")
    extras += [f"dispute {dispute['status']}" for dispute in disputes]
    open_dispute = next((each for each in disputes if each["status"] not in {"won", "lost"}), None)
    buttons = []
    if session["status"] == "open":
        buttons = [f'<a href="{escape(session["url"])}">Payment page</a>', button("expire", "Let it expire")]
    elif intent and intent["status"] == "processing":
        buttons = [button("arrive", "Transfer arrives"), button("refuse", "Bank refuses")]
    elif open_dispute:
        buttons = [button("win", "Dispute is won"), button("lose", "Dispute is lost")]
    elif charge and not charge["refunded"]:
        buttons = [button("refund", "Refund all"), button("refund-half", "Refund half"), button("dispute", "Dispute")]
    form = f'<form method="post" action="/desk/{session["id"]}">{" ".join(buttons)}</form>' if buttons else ""
    words = escape(", ".join([state.replace("_", " "), *extras]))
    total = escape(amount(session["amount_total"], session["currency"]))
    return (
        f'<tr><td><code>{escape(session["id"][:18])}…</code><br><span class="soft">'
        f"{escape(session['customer_email'] or '')}</span></td>"
        f'<td class="figure">{total}</td><td>{words}</td><td>{form}</td></tr>'
    )


def act(gateway: Gateway, session_id: str, action: str) -> None:
    """A button of the desk."""
    session = gateway.store.get(session_id, "checkout.session")
    intent = session["payment_intent"] or ""
    if action == "expire":
        gateway.expire(session_id)
    elif action in {"arrive", "refuse"}:
        gateway.finish_later(session_id, arrives=action == "arrive")
    elif action in {"refund", "refund-half"}:
        half = {"amount": str(session["amount_total"] // 2)} if action == "refund-half" else {}
        gateway.create_refund({"payment_intent": intent} | half)
    elif action == "dispute":
        gateway.dispute(intent)
    elif action in {"win", "lose"}:
        dispute = gateway.store.of_kind("dispute", payment_intent=intent)[0]
        gateway.close_dispute(dispute["id"], won=action == "win")
