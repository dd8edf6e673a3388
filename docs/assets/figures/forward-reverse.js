// One Gaussian fitted to the mixture of N(-a, 1) and N(a, 1), equal weights, in both directions of the divergence.
// Forward: match the moments, N(0, 1 + a^2) (theorem moment_matching). Reverse: where both derivatives vanish,
// m = a E tanh(a z) and 1/s = s - a E[noise tanh(a z)], with z = m + s noise.
pictures["forward-reverse"] = {
  height: [330, 580],
  inputs: [{ name: "a", label: "half the distance of the modes", min: 0, max: 4, step: 0.05, value: 3 }],
  // Means over the noise of what the equations and their derivatives hold.
  means(a, m, s) {
    const step = Math.min(0.25, 0.3 / (a * s + 0.01)),
      out = { tanh: 0, noiseTanh: 0, sech: 0, noiseSech: 0, squareSech: 0, logCosh: 0 };
    for (const e of plot.grid(-9, 9, Math.ceil(18 / step))) {
      const z = m + s * e,
        t = Math.tanh(a * z),
        d = 1 - t * t,
        w = plot.normal(e, 0, 1) * (18 / Math.ceil(18 / step));
      out.tanh += w * t;
      out.noiseTanh += w * e * t;
      out.sech += w * d;
      out.noiseSech += w * e * d;
      out.squareSech += w * e * e * d;
      out.logCosh += w * (Math.abs(a * z) + Math.log1p(Math.exp(-2 * Math.abs(a * z))) - Math.LN2);
    }
    return out;
  },
  slopes: (a, m, s, e) => [m - a * e.tanh, s - 1 / s - a * e.noiseTanh],
  // Newton's method. Free are m and s, or, with `along`, a and s: that follows a branch past the point where it turns.
  solve(a, m, s, along = false) {
    for (let i = 0; i < 60; i++) {
      const e = this.means(a, m, s),
        [f, g] = this.slopes(a, m, s, e);
      const [fs, gs] = [-a * a * e.noiseSech, 1 + 1 / s ** 2 - a * a * e.squareSech];
      const [fu, gu] = along
        ? [-e.tanh - a * (m * e.sech + s * e.noiseSech), -e.noiseTanh - a * (m * e.noiseSech + s * e.squareSech)]
        : [1 - a * a * e.sech, fs];
      const det = fu * gs - fs * gu,
        du = (g * fs - f * gs) / det,
        ds = (f * gu - g * fu) / det,
        short = Math.min(1, 0.3 / Math.hypot(du, ds));
      if (along) a += short * du;
      else m += short * du;
      s = Math.max(0.3, s + short * ds);
      if (Math.hypot(du, ds) < 1e-14) break;
    }
    return { a, m, s };
  },
  reverse: (a, m, s, e) => (m * m + s * s + a * a - 1) / 2 - Math.log(s) - e.logCosh,
  // The branch of optima off the centre, from large a through the turn and on to the saddle that parts the two basins.
  branch() {
    let at = { a: 4, m: 4, s: 1 };
    return (this.known ??= plot
      .grid(4, 1.75, 90)
      .map(m => (at = this.solve(at.a, m, at.s, true)))
      .filter(p => p.a < 4.2));
  },
  compute({ a }) {
    const turn = Math.min(...this.branch().map(p => p.a)),
      optima = [this.solve(a, 0, Math.sqrt(1 + a * a))];
    const start = this.branch().find(p => p.a <= a);
    if (a > turn) optima.push(this.solve(a, start.m + 0.02, start.s));
    for (const o of optima) {
      const e = this.means(a, o.m, o.s);
      o.kl = this.reverse(a, o.m, o.s, e);
      o.residual = Math.max(...this.slopes(a, o.m, o.s, e).map(Math.abs));
    }
    optima.sort((u, v) => u.kl - v.kl);
    const target = z => (plot.normal(z, -a, 1) + plot.normal(z, a, 1)) / 2,
      over = f => plot.integral(f, -a - 10, a + 10, 0.05);
    const forward = over(z => target(z) * (Math.log(target(z)) - plot.logNormal(z, 0, 1 + a * a)));
    const unmatched = Math.abs(over(z => z * z * target(z)) - 1 - a * a) / (1 + a * a);
    return {
      turn,
      optima,
      best: optima[0],
      forward,
      target,
      residual: Math.max(unmatched, ...optima.map(o => o.residual)),
    };
  },
  says({ a }, { optima, forward, residual }) {
    const fit = (mean, std, kl) => `mean ${mean}, std ${plot.num(std, 3)}, KL ${plot.num(kl)} nats`;
    const [best, other] = optima.map(o => fit((o.m > 1e-6 ? "±" : "") + plot.num(o.m, 3), o.s, o.kl));
    return (
      `forward: ${fit(0, Math.sqrt(1 + a * a), forward)}; reverse: ${best}` +
      `${other ? `; the other optimum: ${other}` : ""}\n` +
      `largest derivative at the optima, or error in the matched moment: ${plot.tiny(residual)}`
    );
  },
  draw({ a }, n, width, height) {
    const [left, right] = plot.boxes(width, height, 0.54),
      best = n.best;
    const plane = plot.axes(left, {
      x: [-8, 8],
      y: [0, 0.45],
      xTicks: [-8, -4, 0, 4, 8],
      xLabel: "z",
      yLabel: "density",
    });
    const mirrored = best.m > 1e-6 ? plane.graph(z => plot.normal(z, -best.m, best.s ** 2), "orange thin dashdot") : "";
    const lines =
      plane.area([[-8, 0], ...plot.grid(-8, 8, 160).map(z => [z, n.target(z)]), [8, 0]], "grey") +
      plane.graph(n.target, "grey") +
      mirrored +
      plane.graph(z => plot.normal(z, 0, 1 + a * a), "blue dash") +
      plane.graph(z => plot.normal(z, best.m, best.s ** 2), "orange dashdot thick");
    const fork = plot.axes(right, {
      x: [0, 4],
      y: [-4.4, 4.4],
      xTicks: [0, 1, 2, 3, 4],
      yTicks: [-4, -2, 0, 2, 4],
      xLabel: "half the distance a",
      yLabel: "mean of the reverse fit",
    });
    const all = this.branch(),
      turn = all.findIndex(p => p.a === n.turn),
      side = sign => part => part.map(p => [p.a, sign * p.m]);
    const both = (part, cls) => fork.line(side(1)(part), cls) + fork.line(side(-1)(part), cls);
    const branches =
      fork.line(
        [
          [0, 0],
          [4, 0],
        ],
        "orange",
      ) +
      both(all.slice(0, turn + 1), "orange") +
      both(all.slice(turn), "red dot");
    const now = n.optima.flatMap((o, i) =>
      (o.m > 1e-6 ? [o.m, -o.m] : [0]).map(m => fork.at(a, m, i ? "hollow" : "full")),
    );
    return (
      plane.frame +
      plane.cut(lines) +
      fork.frame +
      fork.cut(
        fork.line(
          [
            [a, -4.4],
            [a, 4.4],
          ],
          "grey thin",
        ) + branches,
      ) +
      now.join("")
    );
  },
};
