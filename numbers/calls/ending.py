"""How a call ended: the status that is derived from the switch's final response once, when a record comes in."""

from decimal import Decimal

from numbers.calls.models import CallStatus

# RFC 3261 §21: 408 timer, 480 nobody there, 486 and 600 busy, 487 the caller gave up, 403 and 603 declined.
# 402, RFC 5079 (433, anonymous callers), RFC 8197 (607) and RFC 8688 (608): somebody or something said no to the call.
BY_CODE = {
    408: CallStatus.NO_ANSWER,
    480: CallStatus.NO_ANSWER,
    486: CallStatus.BUSY,
    600: CallStatus.BUSY,
    487: CallStatus.CANCELLED,
    **dict.fromkeys((402, 403, 433, 603, 607, 608), CallStatus.REFUSED),
}


def call_status(sip_code: int | None, duration: Decimal) -> CallStatus:
    """``duration`` in seconds. Who talked was connected, whatever the code; a 2xx without a duration was answered, too.

    Without a code and a duration nobody answered.
    """
    if duration > 0 or (sip_code is not None and 200 <= sip_code < 300):
        return CallStatus.ANSWERED
    if sip_code is None:
        return CallStatus.NO_ANSWER
    return BY_CODE.get(sip_code, CallStatus.FAILED)
