// node bundle.mjs PYODIDE SITE-PACKAGES WHEEL ROOT OUT, with what closure.py found on the standard input
// Pack the modules that the proofs take, as bytecode of Pyodide's Python; then run some proofs from the pack alone.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, site, wheel, root, out] = process.argv.slice(2);
const found = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
const script = readFileSync(join(root, "docs/_generator/browser/bundle.py"), "utf8");
process.on("uncaughtException", error => { // else node prints a line of the source, which is a megabyte long
  console.error(error.message);
  process.exit(1);
});
const env = { HOME: "/home/pyodide", SYMPY_GROUND_TYPES: "python" };
const python = await loadPyodide({ indexURL: pyodide + "/", env });
const clock = performance.now();
const said = words => console.log(`${((performance.now() - clock) / 1000).toFixed(1)} s: ${words}`);

for (const [name, home] of [["derivations", root], ["sympy", site], ["mpmath", site]]) {
  python.FS.mkdirTree(`/packages/${name}`);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: join(home, name) }, `/packages/${name}`);
}
python.runPython(script);
const archive = python.globals.get("archive")(python.toPy(found.files)).toJs();
writeFileSync(join(out, "bundle.zip"), archive);
said(`${found.files.length} modules packed, ${(archive.length / 1e6).toFixed(2)} MB`);

for (const name of ["derivations", "sympy", "mpmath"]) python.FS.unmount(`/packages/${name}`);
await python.loadPackage(pathToFileURL(wheel).href, { messageCallback: () => {} });
python.unpackArchive(archive, "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
said(`run from the pack alone: ${python.globals.get("trial")(JSON.stringify(found.tried))}`);
