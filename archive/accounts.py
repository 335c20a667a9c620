"""Curators' accounts: made by invitation, never by signing up."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from archive.roles import CURATOR, PUBLISHER
from sources.rendering import absolute

_LETTER = """You are invited to the Battle History Archive, as a {role}.

Choose a password here within three days. The link works once:
{link}

Then sign in at {desk} with this address and set up a second factor.
"""


_SIGNING_IN_WITH = "signing_in_with"  # in the session: what ends with a password


class CuratorsAdapter(DefaultAccountAdapter):
    """Nobody signs up, and a new password ends a sign-in that waits for its second factor."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        **dict.fromkeys(
            ("email_password_mismatch", "username_password_mismatch"),
            "The name or address, or the password, is not right.",
        ),
        "too_many_login_attempts": "Too many attempts failed. Wait five minutes, then try again.",
    }

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse | None:
        request.session[_SIGNING_IN_WITH] = user.get_session_auth_hash()
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        then = request.session.pop(_SIGNING_IN_WITH, "")
        if not constant_time_compare(then, user.get_session_auth_hash()):
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        super().login(request, user)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def invite(address: str, group: str) -> str:
    """Make an account for an address in a group, send the letter, and return its link.

    Raises ValidationError if the address or the group cannot be, or the address has an account
    that has been used; inviting one again that has not, makes a new link.
    """
    address = address.strip().lower()
    validate_email(address)
    if group not in (CURATOR, PUBLISHER):
        raise ValidationError(f"There is no group “{group}”: {CURATOR} or {PUBLISHER}.")
    with transaction.atomic():
        user = _account_for(address)
        user.groups.set([Group.objects.get(name=group)])
        EmailAddress.objects.update_or_create(
            user=user, email=address, defaults={"verified": True, "primary": True}
        )
    link = link_to_choose_a_password(user)
    desk = absolute(reverse("admin:index"))
    letter = _LETTER.format(role=group.lower(), link=link, desk=desk)
    send_mail("Your invitation to the Battle History Archive", letter, None, [address])
    return link


def link_to_choose_a_password(user: User) -> str:
    """Return an address at which the account's password can be chosen once, for three days."""
    key: dict[str, Any] = {
        "uidb36": user_pk_to_url_str(user),
        "key": default_token_generator.make_token(user),
    }
    return absolute(reverse("account_reset_password_from_key", kwargs=key))


def _account_for(address: str) -> User:
    found = User.objects.filter(email__iexact=address).first()
    if found is None:
        return User.objects.create_user(address, address, None, is_staff=True)
    if found.has_usable_password() or found.last_login or not found.is_active:
        raise ValidationError(f"{address} has an account already.")
    return found
