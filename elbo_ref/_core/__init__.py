"""What all functions of `elbo_ref` share, and nothing of any subject.

From the ground up, each knowing only those before it: `tensors` and `arrays`, then `checks`, `special`, `pairs` and `threads`,
`loops`, `by_loops`, `compiled`, `autograd`, and `formula` above all of them. No module of `elbo_ref` outside is imported here.
"""
