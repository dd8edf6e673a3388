"""What a derivation is written in: notation, steps, words; the verdict as data, where it is found, its certificate."""
