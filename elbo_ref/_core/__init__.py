"""What all functions of `elbo_ref` share, and nothing of any subject. Each of these knows only those above it:

- `tensors`: what only torch can say of its tensors.
- `arrays`: which library, where they lie, whether they can be read, and in what precision to work.
- `in_graph`: a formula as one step of what torch.compile makes.
- `special`, `pairs`: functions and arithmetic that lose no digits.
- `shapes`, `checks`, `spread`, `arguments`: what is refused, and which of several names is used.
- `threads`, `loops`, `by_loops`: compiled loops over rows on a CPU, where numba is installed.
- `autograd`: the gradient of a formula in torch.
- `kernels`, `by_kernels`: compiled kernels over rows on a CUDA device, where Triton is installed.
- `records`: named parts that most often are left out.
- `formula`: how a formula is evaluated.
"""
