"""What others build against: the test vectors, and how they are made."""
