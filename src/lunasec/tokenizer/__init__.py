"""The tokenizer: sessions, grants and sealed values."""
