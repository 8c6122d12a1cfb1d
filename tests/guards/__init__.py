"""What `make guards` runs: small faults where claims are held, and the tests that notice them."""
