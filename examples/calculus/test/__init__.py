"""The calculator's tests, as the documents' tutorial develops them: ``trial calculus`` in examples/ runs them."""
