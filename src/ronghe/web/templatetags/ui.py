"""The components of every page as template tags. They draw what they are given and read no database.

Items (of tabs, steps, inbox …) may be mappings or any objects with the attributes that the component names.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ronghe.web import figures
from ronghe.web.words import Piece, compare, cut

register = template.Library()

STATE_WORDS = {
    "ok": gettext_lazy("Met"),
    "warn": gettext_lazy("At risk"),
    "bad": gettext_lazy("Not met"),
    "none": gettext_lazy("No data"),
    "progress": gettext_lazy("Under way"),
}
# A sign of its own for each state, so that colour is never the only carrier.
_RING = '<circle cx="5" cy="5" r="4.25" fill="none" stroke-width="1.25"/>'
STATE_SIGNS = {
    "ok": SafeString('<circle cx="5" cy="5" r="4.5"/>'),
    "warn": SafeString(_RING + '<path d="M5 .75a4.25 4.25 0 0 0 0 8.5z"/>'),
    "bad": SafeString('<path d="M5 .6 9.7 9.2H.3z" stroke-linejoin="round"/>'),
    "none": SafeString('<circle cx="5" cy="5" r="4" fill="none" stroke-width="1.25" stroke-dasharray="2 1.6"/>'),
    "progress": SafeString(_RING + '<path d="M5 5V.75A4.25 4.25 0 0 1 9.25 5z"/>'),
}
NOTE_ICONS = {"info": "info", "ok": "check", "warn": "warning", "bad": "warning"}


@cache
def _sprite() -> str:
    """The address of the icons: it cannot change while the process runs, and a page asks for it dozens of times."""
    return static("ronghe/icons.svg")


def _render(component: str, /, **values: Any) -> SafeString:
    return render_to_string(f"ui/{component}.html", values)


def _address(request: HttpRequest | None, **changes: Any) -> str:
    """The query string of this page with `changes`; None takes a parameter away."""
    query = request.GET.copy() if request is not None else None
    if query is None:
        return "?" + "&".join(f"{name}={value}" for name, value in changes.items() if value is not None)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@cache
def _silent_icon(name: str, css_class: str) -> SafeString:
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', css_class, _sprite(), name)


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """One line icon of the sprite; read out only when `label` is given."""
    css_class = f"icon icon--{size}" if size else "icon"
    if not label:
        return _silent_icon(name, css_class)
    return format_html(
        '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', css_class, label, _sprite(), name
    )


@register.simple_tag
def state(kind: str, label: str = "") -> SafeString:
    """A state as sign, word and colour. Kinds: ok, warn, bad, none, progress."""
    known = kind if kind in STATE_SIGNS else "none"
    return format_html(
        '<span class="state state--{0}">'
        '<svg class="state__sign" viewBox="0 0 10 10" aria-hidden="true">{1}</svg>{2}</span>',
        known,
        STATE_SIGNS[known],
        label or STATE_WORDS[known],
    )


@register.simple_tag
def tag(label: str, tone: str = "", href: str = "") -> SafeString:
    """A small outlined word. Tones: accent, ok, warn, bad."""
    css_class = f"tag tag--{tone}" if tone else "tag"
    if href:
        return format_html('<a class="{}" href="{}">{}</a>', css_class, href, label)
    return format_html('<span class="{}">{}</span>', css_class, label)


@register.simple_tag
def button(
    label: str,
    href: str = "",
    kind: str = "",
    icon: str = "",
    name: str = "",
    value: str = "",
    type: str = "submit",
    form: str = "",
    disabled: bool = False,
    small: bool = False,
) -> SafeString:
    """A button, or a link that looks like one when `href` is given. Kinds: primary, quiet, danger."""
    css_class = "button" + (f" button--{kind}" if kind else "") + (" button--small" if small else "")
    sign = _silent_icon(icon, "icon") if icon else ""
    if href:
        off = SafeString(' aria-disabled="true"') if disabled else ""
        return format_html('<a class="{}" href="{}"{}>{}{}</a>', css_class, href, off, sign, label)
    given = [(key, text) for key, text in (("name", name), ("value", value), ("form", form)) if text != ""]
    attributes = format_html_join("", ' {}="{}"', given) + SafeString(" disabled" if disabled else "")
    return format_html('<button class="{}" type="{}"{}>{}{}</button>', css_class, type, attributes, sign, label)


@register.simple_block_tag
def page_header(content: str, title: str, eyebrow: str = "", lead: str = "") -> SafeString:
    """The head of a page; the content of the block is its actions."""
    return _render("page_header", title=title, eyebrow=eyebrow, lead=lead, actions=SafeString(content.strip()))


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    note: str = "",
    link: str = "",
    link_label: str = "",
    level: int = 2,
    id: str = "",
    flush: bool = False,
) -> SafeString:
    """A sheet about one subject; `flush` lets a table reach its edges."""
    return _render(
        "card",
        content=content,
        title=title,
        note=note,
        link=link,
        link_label=link_label,
        heading=f"h{level}",
        id=id,
        flush=flush,
    )


@register.simple_block_tag
def data_table(
    content: str,
    caption: str,
    show_caption: bool = False,
    sticky: bool = False,
    dense: bool = False,
    stack: bool = True,
) -> SafeString:
    """A table of records. On phones its rows become cards, or it scrolls when `stack` is off."""
    return _render(
        "data_table",
        content=content,
        caption=caption,
        show_caption=show_caption,
        sticky=sticky,
        dense=dense,
        stack=stack,
    )


@register.simple_tag(takes_context=True)
def sort_header(context: Context, label: str, field: str, numeric: bool = False) -> SafeString:
    """A column head that sorts: the page reads `sort` as `field` or `-field`."""
    request = context.get("request")
    current = request.GET.get("sort", "") if request is not None else ""
    direction = {field: "ascending", f"-{field}": "descending"}.get(current, "")
    following = field if direction == "descending" or (not direction and not numeric) else f"-{field}"
    return _render(
        "sort_header",
        label=label,
        direction=direction,
        numeric=numeric,
        url=_address(request, sort=following, page=None),
    )


@register.simple_block_tag
def filters(
    content: str, form: BaseForm | None = None, action: str = "", target: str = "", submit: str = ""
) -> SafeString:
    """A form that narrows what the page shows, by GET; with `target` htmx replaces that element as one types."""
    return _render("filters", content=content, form=form, action=action, target=target, submit=submit)


@register.simple_tag(takes_context=True)
def pagination(context: Context, page_obj: "Page[Any]", parameter: str = "page") -> SafeString:
    """The pages of a list, keeping every other part of the address."""
    request = context.get("request")
    paginator = page_obj.paginator
    numbers = paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    pages = [
        {"label": number, "url": _address(request, **{parameter: number}), "current": number == page_obj.number}
        if isinstance(number, int)
        else {"gap": True}
        for number in numbers
    ]
    previous_url = next_url = ""
    if page_obj.has_previous():
        previous_url = _address(request, **{parameter: page_obj.previous_page_number()})
    if page_obj.has_next():
        next_url = _address(request, **{parameter: page_obj.next_page_number()})
    return _render(
        "pagination",
        pages=pages,
        page_obj=page_obj,
        previous_url=previous_url,
        next_url=next_url,
        first=figures.write(page_obj.start_index()),
        last=figures.write(page_obj.end_index()),
        total=figures.write(paginator.count),
    )


@register.simple_tag(takes_context=True)
def tabs(context: Context, items: Iterable[Any], label: str = "") -> SafeString:
    """Links between the views of one subject; the current one is `current`, else the one whose address this is."""
    request = context.get("request")
    path = request.path if request is not None else ""
    shown = list(items)
    marked = any(read(item, "current") for item in shown)
    entries = [
        {
            "label": read(item, "label"),
            "url": read(item, "url"),
            "count": read(item, "count"),
            "current": bool(read(item, "current")) if marked else str(read(item, "url")).split("?")[0] == path,
        }
        for item in shown
    ]
    return _render("tabs", items=entries, label=label)


@register.simple_tag
def breadcrumb(*parts: Any) -> SafeString:
    """The way up: label, address, label, address, …, label of this page."""
    *pairs, current = parts
    if len(pairs) % 2:
        raise template.TemplateSyntaxError("breadcrumb takes pairs of label and address, then the current label")
    links = [{"label": pairs[index], "url": pairs[index + 1]} for index in range(0, len(pairs), 2)]
    return _render("breadcrumb", links=links, current=current)


def _figure(
    value: Any, measurement: Any, unit: str, low: Any, high: Any, decimals: int | None, count: int | None = None
) -> figures.Figure:
    if measurement is not None:
        return figures.figure_of(measurement, decimals)
    number = None if value is None or value == "" else float(value)
    return figures.figure(number, unit, low, high, decimals, count)


@register.simple_tag
def stat(
    label: str,
    value: Any = None,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    count: int | None = None,
    href: str = "",
    note: str = "",
    state: str = "",
    decimals: int | None = None,
    trend: Sequence[float | None] | None = None,
    measurement: Any = None,
) -> SafeString:
    """One large figure with unit, interval, count and the link to its records. No value is "no data"."""
    return _render(
        "stat",
        label=label,
        href=href,
        note=note,
        state=state,
        trend=trend,
        figure=_figure(value, measurement, unit, low, high, decimals, count),
    )


@register.simple_tag
def number(
    value: Any = None,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    href: str = "",
    decimals: int | None = None,
    measurement: Any = None,
) -> SafeString:
    """A figure in a sentence or a cell, with its interval and the link to its records."""
    shown = _figure(value, measurement, unit, low, high, decimals)
    if not shown.has_data:
        return format_html(
            '<span class="number number--none"><span aria-hidden="true">—</span>'
            '<span class="visually-hidden">{}</span></span>',
            _("No data"),
        )
    digits = shown.text + ("%" if shown.is_percent else "")
    linked = format_html('<a href="{}">{}</a>', href, digits) if href else digits
    unit_part = format_html('<span class="number__unit">{}</span>', shown.unit) if shown.is_phrase else ""
    interval = (
        format_html(
            '<span class="number__interval"><span class="visually-hidden">{}</span> {}</span>',
            _("95% interval"),
            shown.interval,
        )
        if shown.interval
        else ""
    )
    return format_html('<span class="number">{}{}{}</span>', linked, unit_part, interval)


@register.simple_tag
def ribbon(stations: Iterable[Any], label: str = "", return_label: str = "") -> SafeString:
    """The loop: six stations with their numbers, and the way back from evaluation to demand."""
    rows = [
        {
            "label": read(item, "label"),
            "href": read(item, "href"),
            "note": read(item, "note"),
            "state": read(item, "state"),
            "trend": read(item, "trend"),
            "figure": _figure(
                read(item, "value"),
                read(item, "measurement"),
                read(item, "unit") or "",
                read(item, "low"),
                read(item, "high"),
                read(item, "decimals"),
            ),
        }
        for item in stations
    ]
    return _render("ribbon", stations=rows, label=label, return_label=return_label)


@register.simple_tag
def steps(items: Iterable[Any], label: str = "") -> SafeString:
    """Where one stands in a piece of work. States: done, current, todo, bad."""
    return _render("steps", items=items, label=label)


@register.simple_tag
def facts(items: Iterable[Any]) -> SafeString:
    """Pairs of term and value; a missing value says so."""
    rows = [{"label": item[0], "value": item[1]} if isinstance(item, tuple) else item for item in items]
    return _render("facts", items=rows)


@register.simple_tag
def timeline(items: Iterable[Any]) -> SafeString:
    """What happened, in order: time, title, text, actor, url, state."""
    return _render("timeline", items=items)


@register.simple_tag
def inbox(items: Iterable[Any]) -> SafeString:
    """What waits for this person, by deadline."""
    return _render("inbox", items=items)


@register.simple_tag
def progress(
    value: float | None,
    total: float = 100,
    label: str = "",
    note: str = "",
    poll: str = "",
    state: str = "progress",
) -> SafeString:
    """How far a piece of work is. With `poll` it asks that address each second until the answer has no `poll`."""
    share = None if value is None or not total else max(0.0, min(1.0, value / total))
    return _render(
        "progress",
        value=value,
        total=total,
        label=label or _("Progress"),
        note=note,
        poll=poll,
        state=state,
        share="" if share is None else f"{share:.0%}",
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, shown: bool = False) -> SafeString:
    """A question over the page. Without scripts it opens by its address `#id`; `shown` lays it flat (style page)."""
    return _render("dialog", content=content, id=id, title=title, shown=shown)


@register.simple_tag
def dialog_button(
    id: str, label: str, href: str = "", kind: str = "", icon: str = "", small: bool = False
) -> SafeString:
    """The link that opens dialog `id`; `href` is the page that does the same without scripts."""
    css_class = "button" + (f" button--{kind}" if kind else "") + (" button--small" if small else "")
    return _render("dialog_button", id=id, label=label, href=href or f"#{id}", css_class=css_class, icon=icon)


@register.simple_block_tag
def definition(content: str, term: str, version: str = "", href: str = "", open: bool = False) -> SafeString:
    """A term that explains itself when opened."""
    return _render("definition", content=content, term=term, version=version, href=href, open=open)


@register.simple_block_tag
def empty(content: str, title: str, icon: str = "") -> SafeString:
    """Nothing here yet, and what to do next."""
    return _render("empty", content=content, title=title, icon=icon)


@register.simple_block_tag
def note(content: str, tone: str = "info", title: str = "") -> SafeString:
    """Something to know before going on. Tones: info, ok, warn, bad."""
    return _render("note", content=content, tone=tone, title=title, icon=NOTE_ICONS.get(tone, "info"))


@register.simple_block_tag
def fieldset(content: str, legend: str, help: str = "") -> SafeString:
    """Fields that belong together."""
    return _render("fieldset", content=content, legend=legend, help=help)


@register.simple_block_tag
def form_actions(content: str) -> SafeString:
    """The buttons at the end of a form."""
    return format_html('<div class="form-actions">{}</div>', content)


@register.simple_tag
def file_drop(field: BoundField) -> SafeString:
    """A file field onto which a file can be dropped."""
    return render_to_string("forms/field.html", {"field": field})


@register.simple_tag
def diff(before: str, after: str) -> SafeString:
    """What changed between two texts, word by word."""
    return _render("diff", pieces=compare(str(before), str(after)))


@register.simple_tag
def code(text: str, language: str = "") -> SafeString:
    """Text to be copied as it is."""
    return _render("code", text=text, language=language)


@register.simple_tag
def marked(text: str, spans: Iterable[Any]) -> SafeString:
    """Text with highlighted spans: start, end, label, kind (accent, ok, warn, bad), href, id."""
    names = ("label", "kind", "href", "id")
    given = [
        Piece(int(read(span, "start")), int(read(span, "end")), {name: read(span, name) for name in names})
        for span in spans
    ]
    return _render("marked", pieces=cut(str(text), given))


@register.simple_tag
@cache
def assets(kind: str) -> SafeString:
    """The links to every style sheet ("stylesheets") or script ("scripts"); the same for all pages of a process."""
    return render_to_string(f"ui/{kind}.html")


@register.inclusion_tag("ui/toasts.html", takes_context=True)
def toasts(context: Context) -> dict[str, Any]:
    """The messages of this request."""
    return {"messages": context.get("messages") or ()}


@register.simple_tag(takes_context=True)
def chosen_theme(context: Context) -> str:
    """`light` or `dark` when the person chose one, else empty: the device decides."""
    chosen = str(getattr(context.get("user"), "theme", ""))
    return chosen if chosen in {"light", "dark"} else ""


@register.simple_tag
def period(first: date, last: date | None = None) -> SafeString:
    """Days from one to another; "since" the first where no end is known. A day is not broken over lines."""
    begins = date_format(first, "Y-m-d")
    words = [f"{begins} –", date_format(last, "Y-m-d")] if last else [_("since %(day)s") % {"day": begins}]
    return format_html_join(" ", '<span class="nowrap">{}</span>', ((one,) for one in words))


@register.filter
def initial(name: str) -> str:
    """The sign that stands for a person: the first letter, or the first character of a Chinese name."""
    return str(name).strip()[:1].upper()


def read(item: Any, name: str) -> Any:
    """An item's attribute or key; None when it has neither."""
    if isinstance(item, Mapping):
        return item.get(name)
    return getattr(item, name, None)
