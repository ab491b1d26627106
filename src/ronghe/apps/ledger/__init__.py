"""The memory: events, sealing, checkpoints and proofs."""
