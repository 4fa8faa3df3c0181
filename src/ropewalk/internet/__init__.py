"""The engine: reactor, transports, Deferreds, endpoints, and the interfaces between them."""
