"""What the pages where staff write a row whole have in common."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from essaimage import keeping
from essaimage.backoffice.told import warn
from essaimage.keeping import ChangedMeanwhile

Form = Callable[..., Any]


class Writing:
    """A form over a row, new or kept; after ``wrote``, ``beside`` and ``status`` tell the page
    what someone else wrote meanwhile."""

    def __init__(self, request: HttpRequest, form: Form, row: Any, linked: tuple[str, ...]) -> None:
        """``linked``: the fields whose form shows something else than a key."""
        self.request, self.make, self.row = request, form, row
        self.beside: list[tuple[str, str]] = []
        self.status = 200
        self.seen = keeping.mark(row) if row.pk else ""
        initial: dict[str, Any] = {"vu": self.seen}
        many = {f.name for f in row._meta.many_to_many}
        for name in linked:
            if name in many:
                initial[name] = list(getattr(row, name).all()) if row.pk else []
            else:
                initial[name] = getattr(row, name)
        self.initial = initial
        posted = request.POST if request.method == "POST" else None
        self.form = form(posted, instance=_copy(row), initial=initial)

    def wrote(self, write: Callable[[dict[str, Any], str], Any]) -> Any:
        """What ``write`` (what is typed, the mark that was seen) made; None when nothing was."""
        if self.request.method != "POST" or not self.form.is_valid():
            return None
        try:
            made = write(self.form.typed(), self.form.cleaned_data.get("vu", ""))
        except ValidationError as error:
            self.form.add_error(None, error.messages)
        except ChangedMeanwhile as error:
            self._read_again(error)
        else:
            warn(self.request, made)
            return made
        return None

    def _read_again(self, error: ChangedMeanwhile) -> None:
        """The form keeps what was typed, over the row as it is now."""
        self.beside, self.status = error.beside, 409
        posted = self.request.POST.copy()
        posted["vu"] = error.mark
        self.form = self.make(posted, instance=_copy(self.row), initial=self.initial)
        self.form.is_valid()
        self.form.add_error(None, error.message)


def _copy(row: Any) -> Any:
    """The form writes on it: not on the row that the page shows."""
    return type(row).objects.get(pk=row.pk) if row.pk else type(row)()
