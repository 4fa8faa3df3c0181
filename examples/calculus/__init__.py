"""The calculator that the documents develop test by test; here it goes on the network."""
