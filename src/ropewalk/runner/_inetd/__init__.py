"""What `ropewalk.runner.inetd` has beside its protocol: who programs run as, how often, services that wait."""
