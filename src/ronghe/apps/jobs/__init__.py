"""Background work with progress, cancel and a status page."""
