"""People: sign-in, language, consent, and the export and erasure of one's own data."""
