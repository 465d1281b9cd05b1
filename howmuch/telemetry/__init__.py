"""Logs, Prometheus metrics and OpenTelemetry traces. A module is imported only if it is switched on."""
