"""Error pages that say what happened and what to do next. What is wrong with one field is said by its form."""

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def _explanation(exception: Exception | None) -> str:
    """What the code that refused has to say; Django's own exceptions carry details of the machinery instead.

    `get_object_or_404` names a class in English; it is known by the query that failed under it.
    """
    if exception is None or not exception.args or isinstance(exception.args[0], dict):
        return ""
    failed_query = isinstance(exception.__context__, ObjectDoesNotExist) and not exception.__suppress_context__
    return "" if failed_query else str(exception.args[0])


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 where too much was sent; the reason of a suspicious request is logged and not shown."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 with the reason."""
    return render(request, "403.html", {"explanation": _explanation(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 with the reason."""
    return render(request, "404.html", {"explanation": _explanation(exception)}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with the number under which the log knows the request.

    Drawn without the request: whatever broke, a session or the database may be what is broken.
    """
    values = {"request_id": request.META.get("RONGHE_REQUEST_ID", "")}
    return HttpResponse(render_to_string("500.html", values), status=500)
