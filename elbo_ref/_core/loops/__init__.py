"""Loops that numba compiles, in float64 arithmetic: sums over the rows of large float32 arrays, and pairs of a surgery.

An array library stores every intermediate result of a formula; here each number is read once and stays in registers. Only
used on a CPU, where numba is installed and the arrays are large enough to be worth the compilation; everything else goes
through the bodies of `Formula` and the products of `_aggregate`.
"""
