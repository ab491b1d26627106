"""Rules as data and what they ask of whom: rule sets, obligations, exemptions, incentives, pay links."""
