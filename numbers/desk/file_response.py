"""Answers with the bytes of a customer's document: kept by nobody, run by nobody."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

# Nothing in such an answer may run, load or be framed, whatever it turns out to be.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


def file_response(content: bytes, *, content_type: str, name: str, attachment: bool) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "attachment"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
