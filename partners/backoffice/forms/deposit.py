"""Dropping a file."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from carrefour.forms import DsfrForm
from partners import deposits


class FileField(forms.FileField):
    """A file that some connector reads; what is wrong with it is told on the field."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput(attrs={"class": "fr-upload"})
        super().__init__(
            label="Fichier",
            help_text=f"{deposits.EXPECTED} 50 Mo au plus.",
            widget=widget,
            max_length=255,
            **options,
        )
        widget.group_class = "fr-upload-group"  # type: ignore[attr-defined]

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        file = super().clean(data, initial)
        if file:
            try:
                deposits.checked(file)
            except deposits.Unreadable as error:
                raise forms.ValidationError(error.message) from error
        return file


class DepositForm(DsfrForm):
    file = FileField()
