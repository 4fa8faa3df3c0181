"""What services are, and those that come with the house."""
