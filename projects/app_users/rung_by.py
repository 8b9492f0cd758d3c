"""Which numbers ring an app user. The room that routes calls is above this one and registers here."""

from collections.abc import Callable
from dataclasses import dataclass

from projects.app_users.models import AppUser

SHOWN = 25


@dataclass(frozen=True, slots=True)
class RungBy:
    """How many numbers, and the first ``SHOWN`` of them: E.164 and address of the page."""

    count: int = 0
    numbers: tuple[tuple[str, str], ...] = ()

    @property
    def more(self) -> int:
        return self.count - len(self.numbers)


Source = Callable[[AppUser, int], RungBy]
_sources: list[Source] = []


def register(source: Source) -> None:
    """``source`` gets the app user with its project, and how many numbers to name."""
    _sources.append(source)


def rung_by(app_user: AppUser, limit: int = SHOWN) -> RungBy:
    return _sources[0](app_user, limit) if _sources else RungBy()
