// A linear VAE at its optimum: data with variances 4, 3/2 and 1/2 in three directions, decoder N(w z, noise), objective
// distortion + beta rate. Theorems linear_vae_optimum, linear_vae_rate, linear_vae_distortion and linear_vae_collapse,
// direction by direction: the weight is sqrt(variance - beta noise), and 0 where beta noise is larger.
pictures["rate-distortion"] = {
  height: [330, 580],
  inputs: [
    { name: "noise", label: "decoder variance", min: 0.1, max: 5, step: 0.05, value: 0.8 },
    { name: "beta", label: "weight β of the rate", min: 0.1, max: 4, step: 0.1, value: 1 },
  ],
  spreads: [4, 1.5, 0.5],
  // Rate and distortion at the optimum, in closed form.
  bill(noise, beta) {
    const sum = f => this.spreads.reduce((total, spread) => total + f(spread), 0);
    const rate = sum(spread => Math.max(0, Math.log(spread / (beta * noise)) / 2));
    const distortion = sum(spread => Math.log(2 * Math.PI * noise) / 2 + Math.min(beta, spread / noise) / 2);
    return { rate, distortion };
  },
  compute({ noise, beta }) {
    const weights = this.spreads.map(spread => Math.sqrt(Math.max(0, spread - beta * noise)));
    // The mean ELBO from its own formula: an encoder N(slope x, v) for each direction, averaged over the data.
    const elbo = this.spreads.reduce((total, spread, i) => {
      const w = weights[i],
        slope = w / (w * w + beta * noise),
        v = (beta * noise) / (w * w + beta * noise);
      const error = spread * (1 - w * slope) ** 2 + w * w * v;
      const kl = plot.klNormal(0, v, 0, 1) + (spread * slope * slope) / 2;
      return total - error / (2 * noise) - Math.log(2 * Math.PI * noise) / 2 - kl;
    }, 0);
    const { rate, distortion } = this.bill(noise, beta);
    return {
      weights,
      rate,
      distortion,
      elbo,
      used: weights.filter(w => w > 0).length,
      residual: Math.abs(-elbo - distortion - rate),
    };
  },
  says: (_, n) =>
    `${n.used} of 3 directions in use; rate R = ${plot.num(n.rate)}, distortion D = ${plot.num(n.distortion)}, ` +
    `mean ELBO = ${plot.num(n.elbo)} nats\n` +
    `|−ELBO − D − R| = ${plot.tiny(n.residual)}`,
  draw({ noise, beta }, n, width, height) {
    const [left, right] = plot.boxes(width, height, 0.5),
      price = beta * noise,
      far = Math.max(5, 1.05 * price);
    const collapse = plot.axes(left, {
      x: [0, far],
      y: [0, 2.2],
      xTicks: plot.ticks(0, far),
      yTicks: [0, 0.5, 1, 1.5, 2],
      xLabel: "β × decoder variance",
      yLabel: "weight of the direction",
    });
    const looks = ["blue", "orange dash", "green dashdot"];
    let weights = this.spreads
      .map((spread, i) =>
        collapse.line(
          [...plot.grid(1, 0, 60).map(u => [spread * (1 - u * u), Math.sqrt(spread) * u]), [far, 0]],
          looks[i],
        ),
      )
      .join("");
    weights += collapse.line(
      [
        [price, 0],
        [price, 2.2],
      ],
      "grey thin",
    );
    const dots = n.weights.map(w => collapse.at(price, w, "full")).join("");
    const path = plot.grid(Math.log(1e-4), Math.log(60), 200).map(t => this.bill(noise, Math.exp(t)));
    const low = this.bill(noise, 0.02).distortion,
      high = this.bill(noise, 1000).distortion;
    const ends = [low - 0.15 * (high - low), high + 0.15 * (high - low)];
    const trade = plot.axes(right, {
      x: ends,
      y: [0, 6],
      xTicks: plot.ticks(...ends),
      yTicks: [0, 1, 2, 3, 4, 5, 6],
      xLabel: "distortion D in nats",
      yLabel: "rate R in nats",
    });
    const price_line = ends.map(d => [d, n.rate + (n.distortion - d) / beta]);
    return (
      collapse.frame +
      collapse.cut(weights) +
      dots +
      trade.frame +
      trade.cut(
        trade.line(price_line, "grey dash") +
          trade.line(
            path.map(p => [p.distortion, p.rate]),
            "blue thick",
          ),
      ) +
      trade.cut(trade.at(n.distortion, n.rate, "full"))
    );
  },
};
