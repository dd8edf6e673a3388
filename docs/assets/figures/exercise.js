// One observation x of p(z) = N(0, 1), p(x|z) = N(z, 1/2): log p(x) = ELBO + KL(q || posterior), whatever q is.
pictures.exercise = {
  height: [300, 500],
  inputs: [
    { name: "x", label: "observation x", min: -3, max: 3, step: 0.05, value: 1 },
    { name: "shift", label: "shift of q from 2x/3", min: -1.5, max: 1.5, step: 0.05, value: 0.6 },
    { name: "variance", label: "variance of q", min: 0.1, max: 1.5, step: 0.01, value: 0.33 },
  ],
  compute({ x, shift, variance }) {
    const noise = 1 / 2,
      centre = (2 * x) / 3,
      mean = centre + shift,
      spread = 1 / 3;
    const evidence = plot.logNormal(x, 0, 1 + noise);
    const elbo = plot.logNormal(x, mean, noise) - variance / (2 * noise) - plot.klNormal(mean, variance, 0, 1);
    const gap = plot.klNormal(mean, variance, centre, spread);
    return { evidence, elbo, gap, mean, centre, spread, noise, residual: Math.abs(evidence - elbo - gap) };
  },
  says: (_, n) =>
    `log p(x) = ${plot.num(n.evidence)}, ELBO = ${plot.num(n.elbo)}, gap = KL = ${plot.num(n.gap, 6)} nats\n` +
    `|log p(x) − ELBO − KL| = ${plot.tiny(n.residual)}`,
  draw({ x, variance }, n, width, height) {
    const low = Math.min(-4, Math.floor(n.elbo));
    const [left, right] = plot.boxes(width, height, 0.56);
    const plane = plot.axes(left, {
      x: [-5, 5],
      y: [0, Math.max(0.75, 1.06 * plot.normal(0, 0, variance))],
      xTicks: plot.ticks(-5, 5),
      xLabel: "z",
      yLabel: "density",
    });
    const lines =
      plane.graph(z => plot.normal(z, 0, 1), "grey dash") +
      plane.graph(z => plot.normal(x, z, n.noise), "green dot") +
      plane.graph(z => plot.normal(z, n.centre, n.spread), "blue thick") +
      plane.graph(z => plot.normal(z, n.mean, variance), "orange dashdot");
    const bars = plot.bars(right, {
      x: [low, 0],
      ticks: plot.ticks(low, 0),
      label: "nats",
      marks: [{ at: n.evidence, cls: "blue thin" }],
      rows: [
        { name: "log p(x)", value: plot.num(n.evidence), from: n.evidence, to: 0, cls: "blue" },
        { name: "ELBO", value: plot.num(n.elbo), from: n.elbo, to: 0, cls: "orange" },
        { name: "gap, KL from the posterior", value: plot.num(n.gap), from: n.elbo, to: n.evidence, cls: "red" },
      ],
    });
    return plane.frame + plane.cut(lines) + bars;
  },
};
