"""What all functions of `elbo_ref` share, and nothing of any subject. Each of these knows only those above it:

- `tensors`: what only torch can say of its tensors.
- `arrays`: which library, where they lie, whether they can be read, and in what precision to work.
- `shapes`, `checks`, `arguments`: what is refused before any formula.
- `special`, `pairs`: functions and arithmetic that lose no digits.
- `threads`, `loops`, `by_loops`: large arrays on a CPU, where numba is installed.
- `compiled`, `autograd`: a formula under `torch.compile`, and its gradient in torch.
- `formula`: how a formula is evaluated.
"""
