"""The registry of measurements: the only way a number reaches a rule, an indicator or a page."""
