"""The book as people read it: what uses what, the ledger, pages, the terminal, proofs replayed in a browser."""
