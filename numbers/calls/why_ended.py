"""Why a call ended, in plain words, from who hung up and the switch's final response."""

from numbers.calls.models import CallRecord, CallStatus

ANSWERED_BY_HANGUP = {
    "caller": "The caller hung up.",
    "callee": "The called party hung up.",
    "switch": "Our switch ended the call: the credit or the longest time was used up, or the connection broke.",
}
BY_STATUS = {
    CallStatus.ANSWERED: "It was answered, and one of the two hung up.",
    CallStatus.BUSY: "The called party was busy.",
    CallStatus.NO_ANSWER: "Nobody answered.",
    CallStatus.CANCELLED: "The caller hung up before anyone answered.",
    CallStatus.REFUSED: "The called party declined the call.",
    CallStatus.FAILED: "The call could not be connected.",
}
# RFC 3261 §21 unless a comment says otherwise.
BY_CODE = {
    401: "The next network asked for a password that our switch does not have.",
    402: "There was not enough credit for this call.",
    403: "The call is not allowed: a rule refused it, here or in the called network.",
    404: "The called number or app user does not exist.",
    407: "The next network asked for a password that our switch does not have.",
    408: "It rang, and nobody answered in time.",
    410: "The called number is no longer in use.",
    433: "The called party takes no anonymous calls.",  # RFC 5079
    480: "Nobody could be reached: the phone is off, no app is registered, or nothing is set for the number.",
    482: "The call would have gone in a circle.",
    483: "The call was sent on too often.",
    484: "The called number is not complete.",
    488: "The two sides have no audio format in common.",
    502: "The next network answered with an error.",
    503: "The next network is overloaded or out of order.",
    504: "The next network did not answer in time.",
    604: "The called number or app user does not exist.",
    606: "The two sides have no audio format in common.",
    607: "The called party does not want this call.",  # RFC 8197
    608: "A service that filters unwanted calls rejected this one.",  # RFC 8688
}


def why_ended(call: CallRecord) -> str:
    """One sentence or two."""
    if call.status == CallStatus.ANSWERED:
        return ANSWERED_BY_HANGUP.get(call.hangup_by, BY_STATUS[CallStatus.ANSWERED])
    if call.status == CallStatus.CANCELLED and call.hangup_by == "switch":
        return "Our switch ended the call before anyone answered."
    if words := BY_CODE.get(call.sip_code or 0):
        return words
    return BY_STATUS[CallStatus(call.status)]
