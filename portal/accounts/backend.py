from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import FilteredRelation, Q

from portal.accounts import passwords
from portal.accounts.models import User


class AccountBackend(AuthenticationBackend):
    """One query and the same password hashes for every address, known or not.

    An account is found by its own address only: allauth would also find it by one that it wants to change to, which
    may be somebody else's.
    """

    def get_user(self, user_id: int) -> User | None:
        """Of a session, with their authenticator app in the same query: each page of somebody signed in needs it."""
        app = FilteredRelation("authenticatordevice", condition=Q(authenticatordevice__confirmed=True))
        people = User.objects.annotate(authenticator=app).select_related("authenticator")  # type: ignore[misc]
        user = people.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email=email.lower()).first()
        found = self._check_password(user, password)
        if found is not None and not found.stored_form:
            # Only here: nobody is signed in yet whom a new hash would sign out in the middle of something.
            found.set_password(password)
            found.save(update_fields=["password"])
        return found

    def _mitigate_timing_attack(self, password: str) -> None:
        passwords.compare_with_nothing(password)
