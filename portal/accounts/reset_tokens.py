"""The secret part of the link with which a new password is chosen."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from portal.accounts.models import User


class ResetTokenGenerator(PasswordResetTokenGenerator):
    """Ends with what it rests on: password, address and last sign-in, as Django's; and, like a session, when the
    person's sessions are ended or the account is suspended. Otherwise who holds a link, or has it open, could choose
    the password with which the account is opened again.

    allauth's own asks for the addresses that wait for confirmation, too: somebody signed in could void links by that.
    """

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)} {user.is_active} {user.sessions_key}"
