"""Running other programs: keeping them up (`procmon`), and starting them for each connection (`inetd`)."""
