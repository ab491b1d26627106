"""The demonstration community, generated through the same services that people use; nothing imports it."""
