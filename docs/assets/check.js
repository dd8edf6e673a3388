// "Check this proof": the certificate of a proof, read in the reader's browser by the checker's second port. A line of the
// proof is green when the inference behind it is accepted. A line that is broken, the line below, which no longer follows from
// it, and all that rest on them turn red.
(() => {
  const home = document.currentScript.src;
  const make = (tag, words = "", more = {}) =>
    Object.assign(document.createElement(tag), { textContent: words, ...more });
  const several = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
  const CITED = { gaussian: "the Gaussian integral" };

  // Opened from a file: the button is there, with what it needs.
  function unlessFromFile(button, status) {
    if (location.protocol !== "file:") return;
    button.disabled = true;
    status.textContent = "A browser does not load a certificate from a file. Serve this folder (python -m http.server).";
  }

  const checker = () => import(new URL("checker/replay.mjs", home));
  const certificate = async name => {
    const answer = await fetch(new URL(`certificates/${name}.json`, home));
    if (!answer.ok) throw new Error(`the certificate could not be loaded (${answer.status})`);
    return answer.json();
  };

  // Whose sign is turned: that of the left side where the right one is 0, else that of the right one.
  function leftTurns(whole, node) {
    const [op, value] = whole.terms[whole.terms[whole.nodes[node][2]][2]];
    return op === "q" && value === "0";
  }

  // The same certificate with the sign of one side of one conclusion turned. The line below begins where this one ends, so it is
  // asked of the checker with the turned side on its left.
  function broken(whole, node, below) {
    const terms = [...whole.terms];
    const add = row => terms.push(row) - 1;
    const minus = row => add(["*", add(["q", "-1"]), row]);
    const [op, left, right, ...rest] = terms[whole.nodes[node][2]];
    const turns = leftTurns(whole, node);
    const changed = new Map([[node, turns ? [op, minus(left), right, ...rest] : [op, left, minus(right), ...rest]]]);
    const [next, start, ...end] = below === undefined ? [] : terms[whole.nodes[below][2]];
    if (RELATIONS.has(next) && !turns && start === right) changed.set(below, [next, minus(start), ...end]);
    const nodes = whole.nodes.map((one, i) => (changed.has(i) ? [...one.slice(0, 2), add(changed.get(i)), ...one.slice(3)] : one));
    return { ...whole, terms, nodes };
  }
  // The same in the formula that the page shows: a minus and brackets among KaTeX's spans, and in their MathML twin.
  function turn(formula, left) {
    const around = (whole, relation, sign) => {
      if (!relation) return;
      left ? whole.prepend(sign("−(")) : relation.after(sign("−("));
      left ? relation.before(sign(")")) : whole.append(sign(")"));
    };
    const spans = formula.querySelector(".katex-html");
    around(spans, spans.querySelector(":scope > .katex-base > .mrel"), words => make("span", words, { className: "turned" }));
    const twin = formula.querySelector("semantics > mrow");
    const relation = [...twin.children].find(e => e.localName === "mo" && "=≥>≤<≠".includes(e.textContent));
    const mo = words => Object.assign(document.createElementNS(twin.namespaceURI, "mo"), { textContent: words });
    around(twin, relation, mo);
  }
  const refusal = ({ node, rule, reason }) => [`inference ${node} (`, ruleOf(rule), `) is refused: ${reason}`];
  // The page of the rules is where the navigation says: the site that needs no server has other addresses.
  const rules = () => document.querySelector('.md-nav a[href*="guide/rules"]').href.split("#")[0];
  const ruleOf = rule => make("a", rule, { href: `${rules()}#rule-${rule}` });
  const RELATIONS = new Set(["=", ">=", ">", "<=", "<", "!="]);

  class Panel {
    constructor(box) {
      this.box = box;
      this.name = box.dataset.verdict;
      this.button = make("button", "Check this proof", { type: "button", className: "run" });
      this.mender = make("button", "Mend it", { type: "button", hidden: true });
      this.status = make("p");
      this.status.setAttribute("role", "status");
      const bar = make("div", "", { className: "buttons" });
      bar.append(this.button, this.mender);
      this.behind = make("ul"); // what is refused and is no line of the page
      box.append(bar, this.status, this.behind);
      this.button.onclick = () => this.check();
      this.mender.onclick = () => this.check();
      unlessFromFile(this.button, this.status);
    }

    // The theorem's own box rests on every line.
    get statements() {
      return [...document.querySelectorAll(".verdict")].filter(box => box.querySelector(".bar code")?.textContent === this.name);
    }

    get lines() {
      return [...document.querySelectorAll("ol.chain > li[data-node]")].filter(line => line.id.startsWith(`${this.name}-`));
    }

    async check(node = null) {
      this.button.disabled = true;
      try {
        this.whole ??= await certificate(this.name);
        const { check } = await checker();
        const began = performance.now();
        const said = await check(node === null ? this.whole : broken(this.whole, node, this.below(node)));
        this.show(said, node, performance.now() - began);
      } catch (error) {
        this.status.textContent = `It broke off: ${error.message}`;
      }
      this.button.disabled = false;
    }

    // The inference of the next line of the same chain.
    below(node) {
      const next = this.lines.find(line => Number(line.dataset.node) === node)?.nextElementSibling;
      return next?.dataset.node === undefined ? undefined : Number(next.dataset.node);
    }

    // The formula of the line with its sign turned, until it is mended.
    break(node) {
      if (this.turned) this.turned.formula.innerHTML = this.turned.html;
      const line = this.lines.find(line => Number(line.dataset.node) === node);
      const formula = line?.querySelector(".formula");
      this.turned = formula && { formula, html: formula.innerHTML };
      if (formula) turn(formula, leftTurns(this.whole, node));
    }

    show(said, node, milliseconds) {
      const [theorem] = said.theorems ?? [];
      if (!theorem) throw new Error(said.malformed ?? "no theorem in the certificate");
      const why = new Map(said.nodes.filter(n => !n.accepted).map(n => [n.node, n]));
      const shaken = this.resting(new Set(why.keys()));
      this.break(node);
      for (const line of this.lines) this.mark(line, Number(line.dataset.node), why, shaken, node);
      this.box.dataset.accepted = theorem.accepted;
      for (const box of this.statements) box.dataset.state = theorem.accepted ? "accepted" : "refused";
      this.mender.hidden = node === null;
      const cites = (theorem.cites ?? []).map(fact => CITED[fact] ?? fact).join(", ") || "nothing";
      const given = this.whole.theorems[0][3].length;
      this.status.textContent = theorem.accepted
        ? `Accepted: ${several(theorem.inferences, "inference")} checked in ${milliseconds.toFixed(0)} ms; cites ${cites}; ` +
          `${given ? several(given, "hypothesis").replace("hypothesiss", "hypotheses") : "no hypothesis"} given.`
        : `${several(why.size, "inference")} refused; ${shaken.size - why.size} more rest on ${why.size === 1 ? "it" : "them"}. ` +
          "The proof no longer stands.";
      const shown = new Set(this.lines.map(line => Number(line.dataset.node)));
      const hidden = [...why.values()].filter(one => !shown.has(one.node));
      this.behind.replaceChildren(...hidden.map(one => {
        const row = make("li", "Behind the lines, ");
        row.append(...refusal(one));
        return row;
      }));
    }

    // What rests on these inferences, they themselves included.
    resting(bad) {
      const shaken = new Set(bad);
      this.whole.nodes.forEach(([, premises], i) => { if (premises.some(p => shaken.has(p))) shaken.add(i); });
      return shaken;
    }

    mark(line, node, why, shaken, turned) {
      line.dataset.state = shaken.has(node) ? "refused" : "accepted";
      line.querySelector(":scope > .refusal")?.remove();
      if (shaken.has(node)) {
        const refused = why.get(node);
        const note = make("div", "It rests on a line that is refused.", { className: "refusal" });
        const before = node === turned ? "With a sign turned here, " : node === this.below(turned) ? "It no longer follows from the line above: " : "";
        if (refused) note.replaceChildren(before, ...refusal(refused));
        line.append(note);
      }
      const [rule, , conclusion] = this.whole.nodes[node];
      if (line.querySelector("button.turn") || !RELATIONS.has(this.whole.terms[conclusion][0])) return;
      const button = make("button", "break", { type: "button", className: "break turn", title: `Turn a sign in this line (inference ${node}, ${rule})` });
      button.setAttribute("aria-label", `Break line ${line.id.slice(this.name.length + 1)}: turn a sign in it`);
      button.onclick = () => this.check(node);
      line.querySelector(".why")?.append(button);
    }
  }

  // A page that checks every proof of the book, with a bar.
  function wholeBook(box) {
    const button = make("button", "Check the whole book here", { type: "button", className: "run" });
    const bar = make("progress", "", { max: 1, value: 0, hidden: true });
    bar.setAttribute("aria-label", "Inferences checked");
    const status = make("p");
    status.setAttribute("role", "status");
    const list = make("ul");
    box.append(button, bar, status, list);
    unlessFromFile(button, status);
    button.onclick = async () => {
      button.disabled = true;
      bar.hidden = false;
      list.replaceChildren();
      try {
        const whole = await certificate("book");
        const { check } = await checker();
        const began = performance.now();
        const said = await check(whole, {
          onProgress: (done, of) => {
            bar.value = done / of;
            status.textContent = `${done.toLocaleString("en")} of ${several(of, "inference")} …`;
          },
        });
        if (said.malformed) throw new Error(said.malformed);
        bar.value = 1;
        const good = said.theorems.filter(t => t.accepted);
        box.dataset.accepted = good.length;
        status.textContent = `${good.length} of ${said.theorems.length} theorems and counterexamples accepted, ` +
          `${several(said.nodes.length, "inference")} in ${((performance.now() - began) / 1000).toFixed(1)} s.`;
        for (const t of said.theorems.filter(t => !t.accepted)) {
          list.append(make("li", `${t.name}: refused at inference ${t.refusal.node} (${t.refusal.rule}): ${t.refusal.reason}`));
        }
      } catch (error) {
        status.textContent = `It broke off: ${error.message}`;
      }
      button.disabled = false;
    };
  }

  document$.subscribe(() => {
    document.querySelectorAll(".check[data-verdict]:empty").forEach(box => new Panel(box));
    document.querySelectorAll(".check-book:empty").forEach(wholeBook);
  });
})();
