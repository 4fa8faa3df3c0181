"""TLS: what a policy says (`contract`), the two engines that do it, and the pump between them and a transport."""
