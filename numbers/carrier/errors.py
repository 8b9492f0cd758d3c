"""Errors of the carrier API: a short code in one line of JSON."""

from django.http import HttpResponse

from portal.core.errors import DomainError


def error_response(error: DomainError) -> HttpResponse:
    return HttpResponse(f'{{"error":"{error.code}"}}', status=error.status, content_type="application/json")
