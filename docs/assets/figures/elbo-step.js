// A latent with two values, an encoder that stays at (1/2, 1/2), joint masses p(x, z = 1), p(x, z = 2): the ELBO sees
// their product, the likelihood is their sum. The step starts at (1/2, 1/50); theorem elbo_ascent_raises_likelihood.
pictures["elbo-step"] = {
  height: [340, 560],
  inputs: [
    { name: "p1", label: "p(x, z = 1) after the step", min: 0.02, max: 0.5, step: 0.01, value: 0.2 },
    { name: "p2", label: "p(x, z = 2) after the step", min: 0.02, max: 0.5, step: 0.01, value: 0.2 },
  ],
  before: [0.5, 0.02],
  compute({ p1, p2 }) {
    const evidence = masses => Math.log(masses[0] + masses[1]);
    const elbo = masses => masses.reduce((sum, p) => sum + Math.log(p / 0.5) / 2, 0);
    const gap = masses => masses.reduce((sum, p) => sum + Math.log(0.5 / (p / (masses[0] + masses[1]))) / 2, 0);
    const [evidenceGain, elboGain, gapGain] = [evidence, elbo, gap].map(f => f([p1, p2]) - f(this.before));
    return { evidenceGain, elboGain, gapGain, residual: Math.abs(evidenceGain - elboGain - gapGain) };
  },
  says(_, n) {
    const way = v => (Math.abs(v) < 1e-12 ? "stays" : v > 0 ? "rises" : "falls");
    return (
      `The ELBO ${way(n.elboGain)}, log p(x) ${way(n.evidenceGain)}: ` +
      `Δ log p = ${plot.num(n.evidenceGain)}, Δ ELBO = ${plot.num(n.elboGain)}, Δ gap = ${plot.num(n.gapGain)} nats\n` +
      `|Δ log p − Δ ELBO − Δ gap| = ${plot.tiny(n.residual)}`
    );
  },
  draw({ p1, p2 }, n, width, height) {
    const [left, right] = plot.boxes(width, height, width < 520 ? 0.6 : 0.52),
      [b1, b2] = this.before;
    const ticks = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
    const plane = plot.axes(left, {
      x: [0, 0.55],
      y: [0, 0.55],
      xTicks: ticks,
      yTicks: ticks,
      xLabel: "p(x, z = 1)",
      yLabel: "p(x, z = 2)",
    });
    const same = plot.grid(b2, b1, 80).map(u => [u, (b1 * b2) / u]);
    const inside =
      plane.area(same, "red") +
      plane.line(
        [
          [0, b1 + b2],
          [b1 + b2, 0],
        ],
        "blue dash",
      ) +
      plane.line(
        plot.grid(0.018, 0.55, 160).map(u => [u, (b1 * b2) / u]),
        "orange",
      ) +
      plane.line(
        [
          [b1, b2],
          [p1, p2],
        ],
        "grey thin",
      ) +
      plane.at(b1, b2, "hollow") +
      plane.at(p1, p2, "full");
    const row = (name, v, cls) => ({ name, value: plot.num(v), from: 0, to: v, cls });
    const bars = plot.bars(right, {
      x: [-2.75, 1.75],
      ticks: [-2, -1, 0, 1],
      label: "change in nats",
      marks: [{ at: 0, cls: "grey thin" }],
      rows: [
        row("Δ ELBO", n.elboGain, "orange"),
        row("Δ gap", n.gapGain, "red"),
        row("Δ log p(x) = their sum", n.evidenceGain, "blue"),
      ],
    });
    return plane.frame + plane.cut(inside) + bars;
  },
};
