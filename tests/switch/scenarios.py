"""What telephones, trunks and gateways say, as scenarios of sipp."""

import re
from xml.sax.saxutils import quoteattr

SDP = """v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000"""

INVITE = """INVITE sip:{called}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: {caller};tag=[pid]c[call_number]
To: <sip:{called}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:trunk@[local_ip]:[local_port];transport=[transport]>
{headers}Content-Type: application/sdp
Content-Length: [len]

{sdp}"""

ACK_OF_ANSWER = """ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
Max-Forwards: 70
From: {caller};tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

"""

ACK_OF_REFUSAL = """ACK sip:{called}@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
Max-Forwards: 70
From: {caller};tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Content-Length: 0

"""

CANCEL = """CANCEL sip:{called}@[remote_ip]:[remote_port] SIP/2.0
[last_Via:]
Max-Forwards: 70
From: {caller};tag=[pid]c[call_number]
To: <sip:{called}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 CANCEL
Content-Length: 0

"""

BYE_OF_CALLER = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
Max-Forwards: 70
From: {caller};tag=[pid]c[call_number]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Content-Length: 0

"""

BYE_OF_CALLEE = """BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
Max-Forwards: 70
From: [$callee]
To: [$caller]
Call-ID: [call_id]
CSeq: 1 BYE
Content-Length: 0

"""

REPLY = """SIP/2.0 {code} {reason}
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port];transport=[transport]>
{headers}Content-Length: [len]
{body}"""

REGISTER = """REGISTER sip:{domain} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{username}@{domain}>;tag=[pid]r[call_number]
To: <sip:{username}@{domain}>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:{username}@[local_ip]:{port}>
Expires: 600
{credentials}Content-Length: 0

"""


def scenario(*steps):
    return '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n' + "\n".join(steps) + "\n</scenario>\n"


def _send(message, **attributes):
    named = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<send{named}><![CDATA[\n\n{message}\n]]></send>"


def _recv(**attributes):
    return "<recv" + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items()) + "/>"


def _invite(called, caller, headers):
    written = "".join(f"{line}\n" for line in headers)
    provisional = [_recv(response=code, optional="true") for code in ("100", "180", "183")]
    return [_send(INVITE.format(called=called, caller=caller, headers=written, sdp=SDP), retrans="500"), *provisional]


ALICE = "<sip:+4930123456@127.0.0.1>"


def call(called, *, caller=ALICE, headers=(), hang_up=True):
    """A call that is answered. The caller hangs up at once, or waits for the other side to do so."""
    names = {"called": called, "caller": caller}
    end = (
        [_send(BYE_OF_CALLER.format(**names), retrans="500"), _recv(response="200")]
        if hang_up
        else [_recv(request="BYE"), _send(_reply(200, "OK", tag=""))]
    )
    return scenario(
        *_invite(called, caller, headers), _recv(response="200", rrs="true"), _send(ACK_OF_ANSWER.format(**names)), *end
    )


def call_begins(called, *, caller=ALICE):
    """A call that is answered, and is still up when the scenario ends."""
    ack = _send(ACK_OF_ANSWER.format(called=called, caller=caller))
    return scenario(*_invite(called, caller, ()), _recv(response="200", rrs="true"), ack)


def call_ends(answer):
    """The caller of that call hangs up; ``answer`` is the 200 that he got. Needs its Call-ID (``-cid_str``)."""

    def values(name):
        return re.findall(rf"^{name}: *(.*?)\r?$", answer, re.MULTILINE)

    routes = [route for line in values("Record-Route") for route in line.split(",")]
    target = re.search(r"<(.*?)>", values("Contact")[0])[1]
    bye = BYE_OF_CALLER.replace("[routes]", "Route: " + ", ".join(reversed(routes))).replace("[next_url]", target)
    bye = re.sub(r"From: .*", f"From: {values('From')[0]}", bye).replace("[last_To:]", f"To: {values('To')[0]}")
    return scenario(_send(bye, retrans="500"), _recv(response="200"))


def refused_call(called, code, *, caller=ALICE, headers=()):
    """A call that ends with ``code``."""
    names = {"called": called, "caller": caller}
    return scenario(*_invite(called, caller, headers), _recv(response=str(code)), _send(ACK_OF_REFUSAL.format(**names)))


def cancelled_call(called, *, caller=ALICE):
    """The caller gives up when it rings."""
    names = {"called": called, "caller": caller}
    first = _send(INVITE.format(called=called, caller=caller, headers="", sdp=SDP), retrans="500")
    return scenario(
        first,
        _recv(response="100", optional="true"),
        _recv(response="180"),
        _send(CANCEL.format(**names), retrans="500"),
        _recv(response="200"),
        _recv(response="487"),
        _send(ACK_OF_REFUSAL.format(**names)),
    )


def _reply(code, reason, *, tag=";tag=[pid]u[call_number]", body=""):
    headers = "Content-Type: application/sdp\n" if body else ""
    return REPLY.format(code=code, reason=reason, tag=tag, headers=headers, body=f"\n{body}" if body else "\n")


def answers():
    """A phone that rings, is answered, and waits for the BYE."""
    return scenario(
        _recv(request="INVITE", rrs="true"),
        _send(_reply(180, "Ringing")),
        _send(_reply(200, "OK", body=SDP), retrans="500"),
        _recv(request="ACK", rrs="true"),
        _recv(request="BYE"),
        _send(_reply(200, "OK", tag="")),
    )


def answers_and_hangs_up():
    """A phone whose user says goodbye first."""
    names = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{header}:" check_it="true" assign_to="{name}"/>'
        for header, name in (("From", "caller"), ("To", "callee"))
    )
    return scenario(
        _recv(request="INVITE", rrs="true"),
        _send(_reply(200, "OK", body=SDP), retrans="500"),
        f'<recv request="ACK" rrs="true"><action>{names}</action></recv>',
        _send(BYE_OF_CALLEE, retrans="500"),
        _recv(response="200"),
    )


def rings():
    """A phone that rings until the call is taken from it."""
    return scenario(
        _recv(request="INVITE"),
        _send(_reply(180, "Ringing")),
        _recv(request="CANCEL"),
        _send(_reply(200, "OK")),
        _send(_reply(487, "Request Terminated").replace("[last_CSeq:]", "CSeq: 1 INVITE"), retrans="500"),
        _recv(request="ACK"),
    )


def rejects(code, reason="No"):
    return scenario(_recv(request="INVITE"), _send(_reply(code, reason), retrans="500"), _recv(request="ACK"))


def registers(username, domain, password, port):
    """A phone signs in for calls to ``port``."""
    names = {"username": username, "domain": domain, "port": port}
    answer = f"[authentication username={username} password={password}]\n"
    return scenario(
        _send(REGISTER.format(**names, cseq=1, credentials=""), retrans="500"),
        _recv(response="401", auth="true"),
        _send(REGISTER.format(**names, cseq=2, credentials=answer), retrans="500"),
        _recv(response="200"),
    )


def refused_registration(username, domain, password, code):
    """A phone signs in and is refused with ``code``: to what it shows, or before it shows anything (no password)."""
    names = {"username": username, "domain": domain, "port": "[local_port]"}
    first = _send(REGISTER.format(**names, cseq=1, credentials=""), retrans="500")
    if password is None:
        return scenario(first, _recv(response=str(code)))
    answer = f"[authentication username={username} password={password}]\n"
    second = _send(REGISTER.format(**names, cseq=2, credentials=answer), retrans="500")
    return scenario(first, _recv(response="401", auth="true"), second, _recv(response=str(code)))
