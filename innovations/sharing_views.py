"""A search taken elsewhere: its feed, its frame in another page, oEmbed, the code to copy."""

from csp.constants import SELF
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from carrefour.caching import public_page
from innovations import oembed as embedding
from innovations import widget as frames
from innovations.feed import atom
from innovations.search import InnovationSearch
from innovations.search_page import SearchPage
from innovations.views import PLAIN, tiles

OEMBED = {"json": "application/json", "xml": "text/xml; charset=utf-8"}


@require_safe
@public_page(300)
def feed(request: HttpRequest) -> HttpResponse:
    """The latest records of a search, as Atom."""
    asked = InnovationSearch.from_query(request.GET)
    made = atom(asked, SearchPage(asked))
    return HttpResponse(made.writeString("utf-8"), content_type=made.content_type)


@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@public_page(300)
def widget(request: HttpRequest) -> HttpResponse:
    """The search in a frame of any site: no cookie, nothing to type, links that open apart."""
    asked = InnovationSearch.from_query(request.GET, frames.NAMES)
    page = SearchPage(asked)
    look = frames.Look.of(request.GET, asked.criteria.view)
    context = {
        "search": asked,
        "page": page,
        "look": look,
        "notices": [*page.notices, *look.notices],
        "results": asked.results()[: look.shown],
        "tiles": tiles(),
        "frame": frames.address(asked, look),
    }
    return render(request, "innovations/widget.html", context)


@require_safe
@public_page(3600, of_data=False)
def colour(request: HttpRequest, colour: str) -> HttpResponse:
    """The style of a frame that bears this colour: no inline style is let in."""
    return HttpResponse(frames.Look(colour).css, content_type="text/css; charset=utf-8")


@require_safe
@csp_update({"frame-src": [SELF]})
@public_page()
def embed(request: HttpRequest) -> HttpResponse:
    """« Intégrer cette recherche »: the code to copy, with what it gives."""
    asked = InnovationSearch.from_query(request.GET, frames.NAMES)
    page = SearchPage(asked)
    look = frames.Look.of(request.GET, asked.criteria.view)
    hidden = asked.parameters(vue=None, page=None)
    context = {
        "search": asked,
        "page": page,
        "look": look,
        "notices": [*page.notices, *look.notices],
        "hidden": [(name, value) for name, values in hidden.items() for value in values],
        "trail": [{"url": page.permalink, "title": "Recherche"}],
        "views": frames.VIEWS,
        "code": frames.code(asked, page, look),
        "frame": frames.address(asked, look),
        "height": frames.HEIGHT,
        "base_url": settings.BASE_URL,
    }
    return render(request, "innovations/embed.html", context)


@require_safe
@public_page(300)
def oembed(request: HttpRequest) -> HttpResponse:
    """What oEmbed consumers ask: ``url``, ``format``, ``maxwidth``, ``maxheight``."""
    form = request.GET.get("format", "json")
    if form not in OEMBED:
        return HttpResponse("« format » vaut json ou xml.", status=501, content_type=PLAIN)
    try:
        said = embedding.answer(request.GET)
    except embedding.Refused as error:
        return HttpResponse(error.message, status=error.status, content_type=PLAIN)
    response = (
        JsonResponse(said)
        if form == "json"
        else HttpResponse(embedding.xml(said), content_type=OEMBED[form])
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response
