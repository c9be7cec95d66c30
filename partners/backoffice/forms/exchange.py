"""The file of an import."""

from django import forms

from carrefour.forms import DsfrForm


class ImportForm(DsfrForm):
    file = forms.FileField(
        label="Fichier CSV ou classeur",
        help_text="5 Mo et 5 000 lignes au plus. La première ligne nomme les colonnes.",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.ods,.xls"}),
    )
