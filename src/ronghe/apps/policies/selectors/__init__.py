"""Reads of policies for pages, mail and the API; nothing here writes."""
