"""The forms of the second step: django-allauth’s, under our limits, in our words, and in our log."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.forms import ReauthenticateForm as Password
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError

from ..content.moments import clock
from ..models import SignInEvent
from ..publishing import accounts
from . import factors, limits
from .sign_in import TOO_MANY, log

TOO_MANY_CODES = (
    "Too many wrong tries. Try again after {}. If you did not make them, somebody knows your password: tell the people "
    "who look after accounts."
)
WRONG = "This code is not right, or it was used already or is too old. Type the newest one, or wait for the next."
NOT_KNOWN = "This passkey did not work. Try again, or use a code."


class Field(forms.CharField):
    def __init__(self, label: str, hint: str) -> None:
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        super().__init__(label=label, help_text=hint, max_length=20, widget=forms.TextInput(attributes))

    def to_python(self, value: Any) -> str:
        """Leave out spaces and dashes, so that a code is one and the same however it is typed."""
        return normalize_user_code(super().to_python(value))


def _tried(account: Any, check: Callable[[], Any], sentence: str) -> Any:
    """Check what was tried, under the limit of the account, and log what was wrong."""
    if until := limits.admit_factor(context.request, account):
        raise ValidationError(TOO_MANY_CODES.format(clock(until + timedelta(minutes=1))), "too_many")
    try:
        found = check()
    except ValidationError as error:
        log(context.request, account, SignInEvent.Verb.FACTOR_FAILED)
        raise ValidationError(sentence, "wrong") from error
    limits.factor_was_right(context.request, account)
    return found


class _Code:
    """A code of an authenticator app, good once, or a recovery code, of which its person is told."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.fields["code"] = Field("Code", "Six digits from your authenticator app, or a recovery code.")

    def clean_code(self) -> str:
        code = _tried(self.user, super().clean_code, WRONG)
        if self.authenticator.type == factors.Type.TOTP and not limits.admit_code_once(self.user, code):
            raise ValidationError(WRONG, "used")
        if self.authenticator.type == factors.Type.RECOVERY_CODES:
            accounts.factor_changed(self.user, "recovery_code_used")
        return code


class SecondStepForm(_Code, AuthenticateForm):
    pass


class AgainForm(_Code, ReauthenticateForm):
    pass


class _Passkey:
    def clean_credential(self) -> Any:
        return _tried(self.user, super().clean_credential, NOT_KNOWN)


class PasskeyStepForm(_Passkey, AuthenticateWebAuthnForm):
    pass


class PasskeyAgainForm(_Passkey, ReauthenticateWebAuthnForm):
    pass


class PasswordAgainForm(Password):
    """The password once more, before somebody changes how they sign in."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.fields["password"].widget = forms.PasswordInput({"autocomplete": "current-password"})

    def clean_password(self) -> str:
        request, name = context.request, self.user.username
        if until := limits.admit_password(request, name):
            raise ValidationError(TOO_MANY.format(clock(until + timedelta(minutes=1))), "too_many")
        if not self.user.check_password(self.cleaned_data["password"]):
            log(request, self.user, SignInEvent.Verb.FAILED)
            raise ValidationError("The password is wrong.", "wrong")
        limits.password_was_right(request, name)
        return self.cleaned_data["password"]


class AppForm(ActivateTOTPForm):
    """A first code, which shows that the app has the secret. It is not good a second time."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.fields["code"] = Field("Code", "The six digits that the app shows now.")

    def clean_code(self) -> str:
        code = _tried(self.user, super().clean_code, WRONG)
        limits.admit_code_once(self.user, code)
        return code


class PasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.fields["name"].label = "Name"
        self.fields["name"].max_length = 60
        self.fields["name"].help_text = "To know it by, such as the device that it is on."
