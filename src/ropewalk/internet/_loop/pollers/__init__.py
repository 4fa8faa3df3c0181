"""Which descriptor is ready. `contract` is what each poller supplies, `native` the turn; then a file a mechanism."""
