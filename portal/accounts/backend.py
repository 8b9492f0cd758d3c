from allauth.account.auth_backends import AuthenticationBackend

from portal.accounts.models import User


class AccountBackend(AuthenticationBackend):
    """One query and one password hash for every address, known or not.

    An account is found by its own address only: allauth would also find it by one that it wants to change to, which
    may be somebody else's.
    """

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        user = User.objects.filter(email=email.lower()).first()
        return self._check_password(user, password)
