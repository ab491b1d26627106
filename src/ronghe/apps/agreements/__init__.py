"""What the parties of a chain promised each other: templates, typed clauses, signatures, amendments, ends."""
