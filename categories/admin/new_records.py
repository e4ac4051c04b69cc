"""The ids of records to be: given with the form, so that a form sent twice adds one record."""

from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.http import HttpRequest

NAME = "new_record"  # of the field
signer = signing.Signer(salt="categories.new-record")


def token(request: HttpRequest, model: Any) -> str:
    """The id that the record of this form is to have, signed: nobody else gives a record its id."""
    if identity(request, model):
        return str(request.POST[NAME])
    return str(signer.sign_object([model._meta.model_name, request.user.pk, str(uuid4())]))


def identity(request: HttpRequest, model: Any) -> UUID | None:
    """The id that a form was given for its record, if it was."""
    try:
        name, by, given = signer.unsign_object(request.POST.get(NAME, ""))
        return UUID(given) if [name, by] == [model._meta.model_name, request.user.pk] else None
    except (signing.BadSignature, TypeError, ValueError):
        return None


def made(request: HttpRequest, model: Any) -> Any | None:
    """The record that the same form has made already, if it was sent before."""
    given = identity(request, model)
    return model.objects.filter(pk=given).first() if given else None
