"""Proofs that need no database and no network: canonical bytes, Merkle trees, signed checkpoints. No Django here."""
