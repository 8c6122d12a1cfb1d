"""Stores: each keeps the ledger, and every promise of `ports.py`."""
