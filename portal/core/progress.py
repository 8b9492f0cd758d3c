"""Pages that ask again until a job has ended."""

from django.http import HttpRequest


def turn(request: HttpRequest, most: int) -> int:
    """Which of its requests this one is, as the page counts them in ``turn``; 0 for nonsense, ``most`` at most."""
    text = request.GET.get("turn", "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 5 else 0
