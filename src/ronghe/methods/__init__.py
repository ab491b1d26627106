"""Pure functions on arrays and small frozen values; no Django, no input or output, no clock, no global state."""
