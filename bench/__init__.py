"""Measurements, each beside a floor of the same machine in the same run. README.md says how to read them."""
