"""Operators: the people of the maker who may open the console. In acts they are `operator:<name>`."""

import re
import secrets

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from earnest.core.refusals import Invalid, Missing, Refused

#: Members must choose a password of their own before they see anything else.
ONE_TIME = "one-time password"


def add(name: str, email: str = "", password: str = "") -> str:
    """Make a login and return its password: the given one, or a fresh one that is good for one login.

    Raises Invalid for a name or a password that cannot be used, Refused for a name that is taken.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,29}", name):
        raise Invalid(
            "operator-name",
            "“%(name)s” is not a name for an operator: small letters, digits, dots, dashes.",
            name=name[:40],
        )
    if User.objects.filter(username=name).exists():
        raise Refused("operator-exists", "There is already an operator named “%(name)s”.", name=name)
    user = User(username=name, email=email, is_staff=True)
    if password:
        _check(password, user)
    user.save()
    return _give(user, password)


def renew(name: str, password: str = "") -> str:
    """Give an operator another password, as `add` does. Raises Missing, Invalid."""
    user = _the(name)
    if password:
        _check(password, user)
    return _give(user, password)


def close(name: str) -> None:
    """Take the login away; what the operator did stays in the record under their name. Raises Missing."""
    user = _the(name)
    user.is_active = False
    user.save(update_fields=["is_active"])


def has_one_time_password(user: User) -> bool:
    """Whether the next thing to do is to choose a password."""
    return user.groups.filter(name=ONE_TIME).exists()


def choose(user: User, password: str) -> None:
    """The operator's own choice ends the one-time password."""
    user.set_password(password)
    user.save(update_fields=["password"])
    user.groups.remove(*user.groups.filter(name=ONE_TIME))


def _the(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise Missing("no-operator", "There is no operator named “%(name)s”.", name=name[:40])
    return user


def _check(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("password", "%(why)s", why=" ".join(error.messages)) from None


def _give(user: User, password: str) -> str:
    given = password or secrets.token_urlsafe(15)
    choose(user, given)
    if not password:
        user.groups.add(Group.objects.get_or_create(name=ONE_TIME)[0])
    return given
