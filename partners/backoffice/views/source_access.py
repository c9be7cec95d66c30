"""How a source lets us in: set, replaced, forgotten; never shown."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from partners import credentials
from partners.access import backoffice_page, visible_or_404, visible_sources
from partners.backoffice.forms import AccessForm
from partners.models import Credential


@sensitive_post_parameters("acces-secret")
@backoffice_page("partners.change_source")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    sources = visible_sources(request.user).select_related("partner")
    source = visible_or_404(sources, slug=slug)
    action = request.POST.get("action", "")
    if action == "oublier":
        credentials.forget(source, request.user)
        messages.success(request, "Identifiants d’accès effacés.")
        return redirect("backoffice:source_access", slug=slug)
    form = AccessForm(request.POST if action == "enregistrer" else None)
    if form.is_valid():
        try:
            credentials.store(source, user=request.user, **form.cleaned_data)
        except ValueError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Identifiants d’accès enregistrés et chiffrés.")
            return redirect("backoffice:source_access", slug=slug)
    kept = Credential.objects.filter(source=source).defer("secret").select_related("updated_by")
    context = {"source": source, "form": form, "credential": kept.first()}
    return render(request, "backoffice/source_access.html", context)
