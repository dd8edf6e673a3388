"""A statement as numbers: read in float64, in digits, by quadrature, in balls, at points inside its hypotheses."""
