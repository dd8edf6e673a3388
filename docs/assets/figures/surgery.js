// N encoders N(mean_n, std^2), means evenly spaced: average KL to N(0, 1) = KL of the aggregate + information about n.
pictures.surgery = {
  height: [320, 540],
  inputs: [
    { name: "count", label: "encoders N", min: 1, max: 12, step: 1, value: 5 },
    { name: "reach", label: "outermost means at ±", min: 0, max: 3, step: 0.05, value: 1.5 },
    { name: "std", label: "standard deviation of each", min: 0.1, max: 1.5, step: 0.05, value: 0.35 },
  ],
  compute({ count, reach, std }) {
    const means = count > 1 ? plot.grid(-reach, reach, count - 1) : [0],
      v = std * std;
    const averageOf = f => means.reduce((sum, m) => sum + f(m), 0) / count;
    const aggregate = z => averageOf(m => plot.normal(z, m, v));
    const over = f => plot.integral(f, -reach - 9 * std, reach + 9 * std, std / 16);
    const nats = (q, logP) => (q > 0 ? q * (Math.log(q) - logP) : 0);
    const average = averageOf(m => plot.klNormal(m, v, 0, 1));
    const marginal = over(z => nats(aggregate(z), plot.logNormal(z, 0, 1)));
    const information = over(z => {
      const mixture = Math.log(aggregate(z));
      return averageOf(m => nats(plot.normal(z, m, v), mixture));
    });
    return {
      average,
      marginal,
      information,
      ceiling: Math.log(count),
      means,
      aggregate,
      residual: Math.abs(average - marginal - information),
    };
  },
  says: (_, n) =>
    `average KL = ${plot.num(n.average)} = marginal KL ${plot.num(n.marginal)} + ` +
    `information ${plot.num(n.information)} nats; ` +
    `ceiling log N = ${plot.num(n.ceiling)}\n` +
    `|average − marginal − information| = ${plot.tiny(n.residual)}`,
  draw({ std }, n, width, height) {
    const [left, right] = plot.boxes(width, height, 0.54);
    const tall = 1.08 * Math.max(0.45, ...plot.grid(-4.5, 4.5, 360).map(n.aggregate));
    const plane = plot.axes(left, {
      x: [-4.5, 4.5],
      y: [0, tall],
      xTicks: [-4, -2, 0, 2, 4],
      xLabel: "z",
      yLabel: "density",
    });
    const one = m =>
      plot.grid(m - 4 * std, m + 4 * std, 50).map(z => [z, plot.normal(z, m, std * std) / n.means.length]);
    const parts = n.means.map(m => plane.line(one(m), "orange thin")).join("");
    const lines =
      parts + plane.graph(z => plot.normal(z, 0, 1), "grey dash") + plane.graph(n.aggregate, "blue thick", 240);
    const most = Math.max(4, Math.ceil(n.average)),
      ticks = most > 6 ? [0, 2, 4, 6, 8].filter(v => v <= most) : plot.grid(0, most, most);
    const bars = plot.bars(right, {
      x: [0, most],
      ticks,
      label: "nats",
      rows: [
        { name: "average KL of the encoders", value: plot.num(n.average), from: 0, to: n.average, cls: "orange" },
        { name: "KL of the aggregate", value: plot.num(n.marginal), from: 0, to: n.marginal, cls: "blue" },
        { name: "information about n", value: plot.num(n.information), from: n.marginal, to: n.average, cls: "green" },
        {
          name: "ceiling log N of the information",
          value: plot.num(n.ceiling),
          from: n.marginal,
          to: n.marginal + n.ceiling,
          cls: "empty",
        },
      ],
    });
    return plane.frame + plane.cut(lines) + bars;
  },
};
