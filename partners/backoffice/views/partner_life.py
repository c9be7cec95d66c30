"""Recording where a partner stands with the collective."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from partners import life
from partners.access import backoffice_page, visible_or_404, visible_partners
from partners.backoffice.forms.life import MoveForm
from partners.backoffice.life import CONSEQUENCES, VERBS
from partners.models import PartnerStep


@backoffice_page("partners.change_partner")
def move(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """The form of one move, then the move."""
    partner = visible_or_404(visible_partners(request.user), slug=slug)
    if step not in PartnerStep.values:
        raise Http404
    after = PartnerStep(step)
    if after not in life.next_steps(partner):
        messages.error(request, f"Depuis « {partner.get_step_display()} », ce n’est pas l’étape.")
        return redirect("backoffice:partner", slug=slug)
    form = MoveForm(after, request.POST or None)
    if form.is_valid():
        try:
            life.move(partner, after, form.told(), author=request.user)
        except life.CannotMove as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{partner} : {partner.get_step_display().lower()}.")
            return redirect("backoffice:partner", slug=slug)
    context = {
        "partner": partner,
        "form": form,
        "title": VERBS[after],
        "consequence": CONSEQUENCES.get(after, ""),
    }
    return render(request, "backoffice/partner_move.html", context)
