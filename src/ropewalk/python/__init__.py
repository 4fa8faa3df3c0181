"""The ground floor: failures, paths, adapters, command lines, threads, reflection. It needs no reactor."""
