"""What universities teach in answer to demand: programmes, packages in released versions, units, cases, and the CRI."""
