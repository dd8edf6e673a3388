"""What a derivation is written in: notation, steps, words; the verdict as data, and where verdicts are found."""
