"""Whether a verdict holds: the proof arrives, the numbers agree, damaged statements are refused, the function matches."""
