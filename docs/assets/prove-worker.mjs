// Runs a proof of this site in the reader's browser: Python, the kernel, the derivations; prove.js starts it.
import { loadPyodide } from "./py/pyodide.mjs";

const base = new URL("./py/", import.meta.url).href;
const version = new URL(import.meta.url).search;

// How much has arrived, for the bar on the page: what is fetched, before it is read.
let loaded = 0, told = 0;
const plain = self.fetch.bind(self);
self.fetch = async (...asked) => {
  const answer = await plain(...asked);
  if (!answer.ok) throw new Error(`${new URL(answer.url).pathname.split("/").pop()} could not be loaded (${answer.status})`);
  const counted = answer.body.pipeThrough(new TransformStream({
    transform(chunk, onward) {
      loaded += chunk.byteLength;
      if (loaded - told > 2e5) postMessage({ kind: "loaded", bytes: told = loaded });
      onward.enqueue(chunk);
    },
  }));
  return new Response(counted, { status: answer.status, headers: answer.headers });
};

async function boot() {
  const bundle = fetch(`${base}bundle.zip${version}`).then(answer => answer.arrayBuffer());
  bundle.catch(() => {}); // said below, when it is waited for
  const python = await loadPyodide({
    indexURL: base,
    stdLibURL: `${base}python.zip${version}`, // compiled; the one that Pyodide brings would be compiled at every start
    env: { HOME: "/home/pyodide", SYMPY_GROUND_TYPES: "python" },
  });
  python.unpackArchive(new Uint8Array(await bundle), "zip", {
    extractDir: python.runPython("import site; site.getsitepackages()[0]"),
  });
  python.runPython(`
import json
from derivations._reading import replay

def call(task, given, say):
    return json.dumps(getattr(replay, task)(*json.loads(given), *([lambda row: say(json.dumps(row))] if say else [])))
`);
  return python;
}

const python = boot();

async function call(task, given, kind) {
  const say = kind && (row => postMessage({ kind, ...JSON.parse(row) }));
  return JSON.parse((await python).globals.get("call")(task, JSON.stringify(given), say));
}

const tasks = {
  async prove({ module, name, page, balls }) {
    postMessage({ kind: "stage", words: "Loading Python and the prover", loading: true });
    await python;
    postMessage({ kind: "stage", words: "Proving" });
    postMessage({ kind: "proved", ...(await call("prove", [module, name, page], "line")) });
    await call("numbers", [module, name], "number");
    if (balls) {
      await (await python).loadPackage("python-flint", { messageCallback: () => {} });
      await call("balls", [module, name], "number");
    }
  },
  async break({ module, name, id }) {
    const broken = await call("refuse", [module, name, id]);
    await import("./py/katex.mjs"); // it names itself on the global object
    const html = self.katex.renderToString(broken.tex, { displayMode: true, output: "htmlAndMathml" });
    postMessage({ kind: "broken", ...broken, html });
  },
};

onmessage = async ({ data }) => {
  try {
    await tasks[data.task](data);
    postMessage({ kind: "end" });
  } catch (error) {
    const lines = String(error.message).trim().split("\n");
    const words = lines.filter(line => !/^\s/.test(line)).pop(); // of a Python traceback
    postMessage({ kind: "failed", words });
  }
};
