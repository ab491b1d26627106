"""How values stand in form fields, by language, where that differs from Django's own."""
