// The importance-weighted bounds of the exercise at x = 1, without sampling. With S the mean of K weights over p(x),
// log S = int (exp(-t) - exp(-t S)) dt / t. The samples are independent, so its mean needs only phi(t) = E exp(-t w):
// log p(x) - L_K = int (phi(e^v)^K - exp(-K e^v)) dv.
pictures.iwae = {
  height: [320, 560],
  inputs: [
    { name: "samples", label: "samples K", min: 1, max: 64, step: 1, value: 8 },
    { name: "shift", label: "shift of q, in stds of the posterior", min: 0, max: 2, step: 0.05, value: 1 },
    { name: "ratio", label: "std of q, in stds of the posterior", min: 0.4, max: 1.8, step: 0.05, value: 1 },
  ],
  counts: [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64],
  // The gap log p(x) - L_K for each K. The posterior is standard normal, q = N(shift, ratio^2).
  gaps(shift, ratio, counts) {
    const points = plot.grid(-8.5, 8.5, 340),
      step = 17 / 340;
    const mass = points.map(e => step * plot.normal(e, 0, 1));
    const weight = points.map(e => ratio * Math.exp((e * e - (shift + ratio * e) ** 2) / 2));
    const gaps = counts.map(() => 0),
      h = 0.25;
    for (let v = -32; v <= 120; v += h) {
      const t = Math.exp(v),
        phi = mass.reduce((sum, m, i) => sum + m * Math.exp(-t * weight[i]), 0);
      counts.forEach((k, i) => (gaps[i] += h * (phi ** k - Math.exp(-k * t))));
    }
    return gaps;
  },
  compute({ samples, shift, ratio }) {
    const evidence = plot.logNormal(1, 0, 1.5),
      kl = plot.klNormal(shift, ratio ** 2, 0, 1);
    const [now, ...gaps] = this.gaps(shift, ratio, [samples, ...this.counts]);
    const wrong = gaps.map((gap, i) => Math.max(-gap, i ? gap - gaps[i - 1] : 0));
    return {
      evidence,
      elbo: evidence - kl,
      bound: evidence - now,
      bounds: gaps.map(gap => evidence - gap),
      residual: Math.max(Math.abs(gaps[0] - kl), ...wrong),
    };
  },
  says: ({ samples }, n) =>
    `L with K = ${samples}: ${plot.num(n.bound)}; ELBO = ${plot.num(n.elbo)}, log p(x) = ${plot.num(n.evidence)}, ` +
    `so ${plot.num(n.evidence - n.bound)} nats are missing\n` +
    `largest of |L₁ − ELBO|, L − log p(x) and any fall of L in K: ${plot.tiny(n.residual)}`,
  draw({ samples, shift, ratio }, n, width, height) {
    const [left, right] = plot.boxes(width, height, 0.46),
      std = Math.sqrt(1 / 3);
    const plane = plot.axes(left, {
      x: [-2.5, 4],
      y: [0, Math.max(0.9, 1.06 * plot.normal(0, 0, ratio ** 2 / 3))],
      xTicks: [-2, 0, 2, 4],
      xLabel: "z",
      yLabel: "density",
    });
    const lines =
      plane.graph(z => plot.normal(z, 2 / 3, 1 / 3), "blue thick") +
      plane.graph(z => plot.normal(z, 2 / 3 + shift * std, ratio ** 2 / 3), "orange dashdot");
    const room = Math.max(0.2, n.evidence - n.elbo),
      y = [n.evidence - 1.1 * room, n.evidence + 0.15 * room];
    const climb = plot.axes(right, {
      x: [0.9, 70, "log"],
      y,
      xTicks: [1, 2, 4, 8, 16, 32, 64],
      yTicks: plot.ticks(...y),
      xLabel: "samples K",
      yLabel: "nats",
    });
    const level = (v, cls) =>
      climb.line(
        [
          [0.9, v],
          [70, v],
        ],
        cls,
      );
    const inside =
      level(n.evidence, "blue") +
      level(n.elbo, "grey dash") +
      climb.line(
        this.counts.map((k, i) => [k, n.bounds[i]]),
        "orange thin",
      ) +
      this.counts.map((k, i) => climb.at(k, n.bounds[i], "hollow", 3)).join("");
    return plane.frame + plane.cut(lines) + climb.frame + climb.cut(inside) + climb.at(samples, n.bound, "full");
  },
};
