// What the pictures share: numbers, axes, lines and bars, as text of SVG. There is no document here, because the build
// draws the same pictures without a browser, for readers without a script.
globalThis.pictures ??= {};
globalThis.plot = (() => {
  const logNormal = (z, mean, variance) => -((z - mean) ** 2 / variance + Math.log(2 * Math.PI * variance)) / 2;
  const normal = (...law) => Math.exp(logNormal(...law));
  // The divergence of one Gaussian from another, in means and variances: theorem gaussian_kl.
  const klNormal = (m, v, centre, variance) =>
    (v / variance - 1 - Math.log(v / variance) + (m - centre) ** 2 / variance) / 2;

  const grid = (from, to, pieces) => Array.from({ length: pieces + 1 }, (_, i) => from + ((to - from) * i) / pieces);
  // The trapezoidal rule: its error falls very fast where a smooth function vanishes at both ends.
  const integral = (f, from, to, step) => {
    const pieces = Math.ceil((to - from) / step);
    return (grid(from, to, pieces).reduce((sum, z) => sum + f(z), 0) * (to - from)) / pieces;
  };

  // Round values between two numbers, at most seven.
  const ticks = (from, to) => {
    const step = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20].find(size => (to - from) / size < 7);
    return grid(Math.ceil(from / step), Math.floor(to / step), Math.floor(to / step) - Math.ceil(from / step)).map(
      i => i * step,
    );
  };

  const signed = text => (Number(text) === 0 ? text.replace("-", "") : text.replaceAll("-", "\u2212"));
  const num = (value, digits = 4) => signed(value.toFixed(digits));
  const short = value => signed(String(Number(value.toFixed(2))));
  const raised = n => [...n].map(c => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
  const tiny = value => (value === 0 ? "0" : value.toExponential(0).replace(/e(.*)/, (_, n) => ` × 10${raised(n)}`));

  const px = value => value.toFixed(1);
  const text = (x, y, words, { anchor = "start", cls = "" } = {}) =>
    `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" class="${cls}">${words}</text>`;
  const rule = (x1, y1, x2, y2, cls) => `<path class="${cls}" d="M${px(x1)} ${px(y1)}L${px(x2)} ${px(y2)}"/>`;

  // Two boxes: beside each other where there is room, else one above the other. `share` is the part of the first.
  const boxes = (width, height, share = 0.5) => {
    const wide = width >= 520,
      first = (wide ? width - 28 : height - 14) * share;
    return wide
      ? [
          [0, 0, first, height],
          [first + 28, 0, width - first - 28, height],
        ]
      : [
          [0, 0, width, first],
          [0, first + 14, width, height - first - 14],
        ];
  };

  // A pair of axes in a box [left, top, width, height]. A scale is [from, to], or [from, to, "log"].
  const axes = ([left, top, width, height], { x, y, xTicks, yTicks = [], xLabel, yLabel, title = "" }) => {
    const l = left + (yTicks.length ? 38 : 4),
      t = top + (title || yLabel ? 24 : 8),
      r = left + width - 8,
      b = top + height - 36;
    const along = ([from, to, log], v) => (log ? Math.log(v / from) / Math.log(to / from) : (v - from) / (to - from));
    const X = v => l + along(x, v) * (r - l),
      Y = v => b - along(y, v) * (b - t);
    let out = text(left + (title ? 4 : 0), top + 12, title || yLabel || "", { cls: title ? "title" : "name" });
    for (const v of xTicks)
      out += rule(X(v), b, X(v), b + 4, "axis") + text(X(v), b + 17, short(v), { anchor: "middle" });
    for (const v of yTicks) out += rule(l, Y(v), r, Y(v), "grid") + text(l - 6, Y(v) + 4, short(v), { anchor: "end" });
    out += rule(l, b, r, b, "axis") + text((l + r) / 2, b + 32, xLabel, { anchor: "middle", cls: "name" });
    const path = points => points.map(([u, v], i) => `${i ? "L" : "M"}${px(X(u))} ${px(Y(v))}`).join("");
    const at = (u, v, cls, size = 5) => `<circle class="${cls}" cx="${px(X(u))}" cy="${px(Y(v))}" r="${size}"/>`;
    // A nested svg cuts off what leaves the axes.
    const [w, h] = [px(r - l), px(b - t)];
    const cut = inner =>
      `<svg x="${l}" y="${t}" width="${w}" height="${h}" viewBox="${l} ${t} ${w} ${h}">${inner}</svg>`;
    return {
      X,
      Y,
      frame: out,
      cut,
      at,
      line: (points, cls) => `<path class="line ${cls}" d="${path(points)}"/>`,
      area: (points, cls) => `<path class="area ${cls}" d="${path(points)}Z"/>`,
      graph: (f, cls, pieces = 120) =>
        `<path class="line ${cls}" d="${path(grid(x[0], x[1], pieces).map(u => [u, f(u)]))}"/>`,
    };
  };

  // Horizontal bars on one scale, each below a line with its name and its value.
  const bars = (box, { x, ticks, label, rows, marks = [] }) => {
    const [left, top, width] = box,
      plane = axes(box, { x, y: [0, 1], xTicks: ticks, xLabel: label });
    const right = left + width - 8,
      low = plane.Y(0),
      high = top + 4,
      pitch = (low - high) / rows.length;
    let out = plane.frame;
    for (const { at, cls } of marks) out += rule(plane.X(at), high, plane.X(at), low, `line ${cls}`);
    rows.forEach(({ name, value, from, to, cls }, i) => {
      const y = high + i * pitch,
        a = plane.X(Math.min(from, to)),
        b = plane.X(Math.max(from, to));
      out += text(left + 4, y + 13, name) + text(right, y + 13, value, { anchor: "end", cls: "value" });
      const [w, h] = [px(Math.max(b - a, 1.5)), px(Math.min(pitch - 26, 26))];
      out += `<rect class="bar ${cls}" x="${px(a)}" y="${px(y + 19)}" width="${w}" height="${h}"/>`;
    });
    return out;
  };

  return { logNormal, normal, klNormal, grid, integral, ticks, num, tiny, text, rule, boxes, axes, bars };
})();
