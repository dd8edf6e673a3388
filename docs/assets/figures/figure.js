// Brings the pictures of a page to life. The build has drawn each of them once; from here on the sliders draw it.
// Only a page that has a picture loads what draws it.
{
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const SHEET = 640; // a picture on paper, in the units of the screen
  const loading = {};
  const load = name =>
    (loading[name] ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      Object.assign(script, { src: `${folder}${name}.js`, onload: done, onerror: failed });
      document.head.append(script);
    }));

  const bind = async figure => {
    const name = figure.dataset.picture;
    await load("plot");
    await load(name);
    const picture = pictures[name],
      stage = figure.querySelector(".stage");
    const inputs = [...figure.querySelectorAll("input")];
    const show = (size = [stage.clientWidth, stage.clientHeight]) => {
      if (!stage.clientWidth) return; // in a fold that is closed
      const state = Object.fromEntries(inputs.map(input => [input.name, input.valueAsNumber]));
      const numbers = picture.compute(state),
        [width, height] = size.map(Math.round);
      const says = picture.says(state, numbers);
      const drawing = picture.draw(state, numbers, width, height);
      stage.innerHTML = `<svg class="live" role="img" viewBox="0 0 ${width} ${height}">${drawing}</svg>`;
      stage.firstChild.setAttribute("aria-label", figure.dataset.title);
      figure.querySelector("output").textContent = says;
      figure.dataset.residual = numbers.residual;
      for (const input of inputs)
        input.nextElementSibling.textContent = plot.num(state[input.name], (input.step.split(".")[1] ?? "").length);
    };
    figure.addEventListener("input", () => show());
    new ResizeObserver(() => show()).observe(stage);
    addEventListener("beforeprint", () => show([SHEET, picture.height[0]])); // else its letters shrink with a wide screen
    addEventListener("afterprint", () => show());
    figure.dataset.live = "";
  };

  document$.subscribe(() => document.querySelectorAll("figure[data-picture]:not([data-live])").forEach(bind));
}
