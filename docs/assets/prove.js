// "Run the prover in your browser": buttons beside a derivation, and what they bring to light. Nothing is loaded
// before the first press; then prove-worker.mjs does the work. Which line is accepted or
// refused is the kernel's word, not ours.
(() => {
  const home = document.currentScript.src;
  let worker = null; // one Python for the page
  let active = null; // the panel that it works for
  const PATIENCE = 60_000; // milliseconds without a byte, after which a load is given up
  const HELP = "Press again to try once more. Without any download, \"Check this proof\" above checks the same proof.";

  const make = (tag, words = "", more = {}) =>
    Object.assign(document.createElement(tag), { textContent: words, ...more });

  // The policy of the site forbids styles in markup; a script may set them.
  const set = (formula, html) => {
    formula.innerHTML = html.replaceAll(' style="', ' data-style="');
    for (const box of formula.querySelectorAll("[data-style]")) box.style.cssText = box.dataset.style;
  };

  class Panel {
    constructor(box) {
      this.box = box;
      this.name = box.dataset.verdict;
      this.megabytes = Number(box.dataset.megabytes);
      this.run = make("button", `Run the prover in your browser (${this.megabytes} MB)`, { type: "button", title: "Loads Python, SymPy and the prover, once a page" });
      this.bar = make("progress", "", { max: this.megabytes, value: 0, hidden: true });
      this.bar.setAttribute("aria-label", "Megabytes loaded");
      this.stop = make("button", "Stop", { type: "button", hidden: true });
      this.breaker = make("button", "Break a line", { type: "button", hidden: true });
      this.mender = make("button", "Mend it", { type: "button", hidden: true });
      this.status = make("p");
      this.status.setAttribute("role", "status");
      this.numbers = make("ul");
      const bar = make("div", "", { className: "buttons" });
      bar.append(this.run, this.stop, this.breaker, this.mender);
      box.append(bar, this.bar, this.status, this.numbers);
      this.run.onclick = () => this.prove();
      this.stop.onclick = () => this.halt("Stopped.");
      this.breaker.onclick = () => this.break(this.breakable[this.next++ % this.breakable.length]);
      this.mender.onclick = () => this.mend();
      if (location.protocol === "file:") {
        this.run.disabled = true;
        this.status.textContent =
          "A browser does not start Python from a file. Serve this folder (python -m http.server) and open it by http.";
      }
    }

    get lines() {
      const own = new RegExp(`^${this.name}-\\d+-(\\d+|met)$`);
      return [...document.querySelectorAll("ol.chain > li[id], .met[id]")].filter(line => own.test(line.id));
    }

    ask(task, more) {
      if (!worker) {
        worker = new Worker(new URL(`prove-worker.mjs?${this.box.dataset.version}`, home), { type: "module" });
        worker.onmessage = ({ data }) => active?.[data.kind](data);
        worker.onerror = () => active?.failed({ words: "the program of this page could not be loaded" });
      }
      active = this;
      this.box.setAttribute("aria-busy", "true");
      this.stop.hidden = false;
      panels.forEach(panel => panel.enable(false));
      worker.postMessage({ task, module: this.box.dataset.module, name: this.name, ...more });
    }

    prove() {
      this.mend();
      this.clear();
      this.begun = performance.now();
      const tex = line => line.querySelector(".formula annotation")?.textContent;
      const shown = this.lines.filter(line => line.matches("li"));
      this.ask("prove", {
        page: Object.fromEntries(shown.map(line => [line.id, tex(line)])),
        balls: "balls" in this.box.dataset,
      });
    }

    break(id) {
      this.mend();
      this.wanted = performance.now();
      this.ask("break", { id });
    }

    // --- what the worker says ---

    stage({ words, loading = false }) {
      this.status.textContent = `${words} …`;
      this.bar.hidden = !loading;
      this.bar.value = 0;
      this.wait(loading);
    }

    loaded({ bytes }) {
      if (this.bar.hidden) return; // ball arithmetic comes after the proof
      this.bar.value = bytes / 1e6;
      this.status.textContent = `${(bytes / 1e6).toFixed(1)} of ${this.megabytes} MB …`;
      this.wait(true);
    }

    // A load that stands still ends, with a word on what to do.
    wait(loading) {
      clearTimeout(this.timer);
      if (loading) this.timer = setTimeout(() => this.failed({ words: `nothing has arrived for ${PATIENCE / 1000} seconds` }), PATIENCE);
    }

    line({ id, accepted, breaks }) {
      const line = document.getElementById(id);
      if (!accepted) this.wrong = true; // also where the page has no such line
      if (line) line.dataset.state = accepted ? "accepted" : "refused";
      if (!line || !breaks) return;
      this.breakable.push(id);
      const button = make("button", "break", { type: "button", className: "break", title: "Turn a sign in this line" });
      button.setAttribute("aria-label", `Break line ${id.slice(this.name.length + 1)}: turn a sign in it`);
      button.onclick = () => this.break(id);
      line.querySelector(".why").append(button);
    }

    proved({ lines, inferences, seconds }) {
      const waited = (performance.now() - this.begun) / 1000;
      this.box.dataset.seconds = waited.toFixed(3);
      this.said = this.wrong
        ? "A line of this page is not what the proof proves."
        : `Proved here: ${lines} ${lines === 1 ? "line" : "lines"} by ${inferences} steps of the kernel, ${seconds.toFixed(2)} s ` +
          `of Python, ${waited.toFixed(1)} s since the press.`;
      this.status.textContent = this.said;
    }

    number({ way, point, reads, holds, cannot }) {
      const row = make("li");
      row.dataset.way = way;
      row.append(make("b", way === "balls" ? "ball arithmetic" : "mpmath"), ` ${point}: `);
      row.append(cannot ? `could not conclude (${cannot})` : make("code", reads));
      if (!cannot) row.dataset.state = holds ? "accepted" : "refused";
      this.numbers.append(row);
    }

    broken({ id, html, refused, rests }) {
      const line = document.getElementById(id);
      const formula = line.querySelector(".formula");
      this.whole = { line, formula, html: formula.innerHTML };
      set(formula, html);
      line.dataset.broken = "";
      formula.scrollIntoView({ block: "center", behavior: "smooth" });
      for (const [place, { words, answer }] of Object.entries(refused)) {
        const hit = document.getElementById(place);
        hit.dataset.state = "refused";
        const note = make("div", "", { className: "refusal" });
        const more = make("details", "", { className: "code" });
        more.append(make("summary", "the kernel's answer"), make("pre", answer));
        more.lastChild.tabIndex = 0;
        note.append(make("p", words), more);
        hit.append(note);
      }
      const count = Object.keys(refused).length;
      const shaken = count ? rests.filter(place => !(place in refused)) : [];
      for (const place of shaken) {
        const hit = document.getElementById(place);
        hit.dataset.state = "refused";
        hit.append(make("div", "It rests on a line that is refused.", { className: "refusal" }));
      }
      this.stands(!count);
      const more = shaken.length ? `, and ${shaken.length} more ${shaken.length === 1 ? "rests" : "rest"} on them` : "";
      this.status.textContent = count
        ? `A sign was turned. The kernel refuses ${count === 1 ? "1 line" : `${count} lines`}${more}; the proof no longer stands.`
        : "A sign was turned, and the kernel still accepts every line.";
      this.mender.hidden = false;
      this.box.dataset.seconds = ((performance.now() - this.wanted) / 1000).toFixed(3);
    }

    // The theorem's own box and its numbers: with a broken line there is no proof behind them.
    stands(yes) {
      for (const box of document.querySelectorAll(".verdict"))
        if (box.querySelector(".bar code")?.textContent === this.name) yes ? delete box.dataset.state : (box.dataset.state = "refused");
      this.numbers.toggleAttribute("data-unproved", !yes);
    }

    failed({ words }) {
      this.halt(`It broke off: ${words}. ${HELP}`);
    }

    halt(words) {
      worker?.terminate(); // Python cannot be interrupted, only ended
      worker = null;
      if (!this.said) this.clear();
      this.end();
      this.status.textContent = words;
    }

    end() {
      this.wait(false);
      this.bar.hidden = true;
      this.box.removeAttribute("aria-busy");
      this.stop.hidden = true;
      this.breaker.hidden = !this.breakable.length;
      panels.forEach(panel => panel.enable(true));
      active = null;
    }

    // --- the page as it was ---

    enable(yes) {
      const own = this.lines.map(line => line.querySelector("button.break"));
      const buttons = [this.run, this.breaker, this.mender, ...own];
      if (location.protocol !== "file:") buttons.forEach(button => button && (button.disabled = !yes));
    }

    mend() {
      if (!this.whole) return;
      const { line, formula, html } = this.whole;
      formula.innerHTML = html;
      delete line.dataset.broken;
      for (const hit of this.lines) {
        if (hit.matches(".met")) delete hit.dataset.state;
        else if (hit.dataset.state) hit.dataset.state = "accepted";
        hit.querySelector(".refusal")?.remove();
      }
      this.stands(true);
      this.whole = null;
      this.mender.hidden = true;
      this.status.textContent = this.said;
    }

    clear() {
      for (const line of this.lines) {
        delete line.dataset.state;
        line.querySelector("button.break")?.remove();
      }
      this.numbers.replaceChildren();
      this.breaker.hidden = this.mender.hidden = true;
      this.wrong = this.said = null;
      this.breakable = [];
      this.next = 0;
    }
  }

  let panels = [];
  document$.subscribe(() => {
    panels = [...document.querySelectorAll(".prove:empty")].map(box => new Panel(box));
  });
})();
