"""The service: the advisor over HTTP. Start it by ``advisor serve``."""
