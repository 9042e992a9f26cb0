"""The parts of `make bench`; see docs/performance.md."""
