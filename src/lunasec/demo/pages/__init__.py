"""The demo's pages, one module each."""
