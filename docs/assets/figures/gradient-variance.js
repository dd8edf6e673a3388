// Two estimators of d/dmean E f(z), z ~ N(mean, std^2), from one sample: f(z) (z - mean) / std^2 and f'(z).
pictures["gradient-variance"] = {
  height: [330, 580],
  inputs: [
    { name: "mean", label: "mean", min: -2, max: 2, step: 0.1, value: 1 },
    { name: "std", label: "standard deviation", min: 0.2, max: 2, step: 0.05, value: 1 },
    { name: "omega", label: "frequency ω of sin ωz", min: 0.2, max: 4, step: 0.1, value: 2.5 },
  ],
  // f(z) = z^2: the gradient is 2 mean. With the best constant baseline, mean^2 + 3 std^2, the score varies less.
  square: (mean, std) => ({
    score: mean ** 4 / std ** 2 + 14 * mean ** 2 + 15 * std ** 2,
    baseline: 8 * mean ** 2 + 6 * std ** 2,
    path: 4 * std ** 2,
  }),
  // f(z) = sin(omega z).
  wave(mean, std, omega) {
    const fall = Math.exp(-2 * (omega * std) ** 2) * Math.cos(2 * omega * mean);
    const squared = omega ** 2 * Math.exp(-((omega * std) ** 2)) * Math.cos(omega * mean) ** 2;
    return {
      score: (1 - (1 - 4 * (omega * std) ** 2) * fall) / (2 * std ** 2) - squared,
      path: (omega ** 2 * (1 + fall)) / 2 - squared,
    };
  },
  // The same variances from their definition, by quadrature over the noise.
  variance(estimator) {
    const over = f => plot.integral(e => f(e) * plot.normal(e, 0, 1), -10, 10, 0.1),
      centre = over(estimator);
    return over(e => (estimator(e) - centre) ** 2);
  },
  compute({ mean, std, omega }) {
    const square = this.square(mean, std),
      wave = this.wave(mean, std, omega),
      z = e => mean + std * e,
      best = mean ** 2 + 3 * std ** 2;
    const direct = [
      [square.score, e => (z(e) ** 2 * e) / std],
      [square.baseline, e => ((z(e) ** 2 - best) * e) / std],
      [square.path, e => 2 * z(e)],
      [wave.score, e => (Math.sin(omega * z(e)) * e) / std],
      [wave.path, e => omega * Math.cos(omega * z(e))],
    ];
    const residual = Math.max(
      ...direct.map(([closed, estimator]) => Math.abs(this.variance(estimator) - closed) / (1 + closed)),
    );
    return { square, wave, residual };
  },
  says: (_, { square, wave, residual }) =>
    `z²: score ${plot.num(square.score, 3)}, with baseline ${plot.num(square.baseline, 3)}, ` +
    `pathwise ${plot.num(square.path, 3)}; ` +
    `sin ωz: score ${plot.num(wave.score, 3)}, pathwise ${plot.num(wave.path, 3)}\n` +
    `largest |closed form − quadrature| / (1 + closed form) = ${plot.tiny(residual)}`,
  draw({ mean, std, omega }, n, width, height) {
    const [left, right] = plot.boxes(width, height);
    const y = [0.01, 1000, "log"],
      yTicks = [0.01, 0.1, 1, 10, 100, 1000];
    const plane = (box, title, x, xTicks, xLabel) => plot.axes(box, { x, y, xTicks, yTicks, xLabel, title });
    const first = plane(left, "variance, f(z) = z²", [0.2, 2], [0.5, 1, 1.5, 2], "standard deviation");
    const second = plane(right, "variance, f(z) = sin ωz", [0.2, 4], [1, 2, 3, 4], "frequency ω");
    const a = part =>
      first.graph(
        s => this.square(mean, s)[part],
        { score: "red", baseline: "orange dash", path: "blue dashdot" }[part],
      );
    const b = part =>
      second.graph(w => Math.max(1e-9, this.wave(mean, std, w)[part]), { score: "red", path: "blue dashdot" }[part]);
    const dots = (plane, at, values) =>
      plane.line(
        [
          [at, 0.01],
          [at, 1000],
        ],
        "grey thin",
      ) + values.map(v => plane.at(at, Math.max(v, 1e-9), "full")).join("");
    return (
      first.frame +
      first.cut(a("score") + a("baseline") + a("path") + dots(first, std, Object.values(n.square))) +
      second.frame +
      second.cut(b("score") + b("path") + dots(second, omega, Object.values(n.wave)))
    );
  },
};
