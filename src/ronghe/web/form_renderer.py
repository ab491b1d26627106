"""How Django forms are drawn: label, control, help and error of each field, the same on every page."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Named by `FORM_RENDERER`; takes every form template from the site's own templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
