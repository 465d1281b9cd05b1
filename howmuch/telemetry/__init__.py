"""What is measured and traced: Prometheus and OpenTelemetry. A module is imported where it is switched on."""
