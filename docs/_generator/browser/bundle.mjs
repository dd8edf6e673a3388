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
const start = more => loadPyodide({
  indexURL: pyodide + "/", env: { HOME: "/home/pyodide", SYMPY_GROUND_TYPES: "python" }, ...more,
});
const clock = performance.now();
const said = words => console.log(`${((performance.now() - clock) / 1000).toFixed(1)} s: ${words}`);

const install = async (python, archive) => {
  python.unpackArchive(archive, "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
  await python.loadPackage(pathToFileURL(wheel).href, { messageCallback: () => {} });
};

const packer = await start();
for (const [name, home] of [["derivations", root], ["sympy", site], ["mpmath", site]]) {
  packer.FS.mkdirTree(`/packages/${name}`);
  packer.FS.mount(packer.FS.filesystems.NODEFS, { root: join(home, name) }, `/packages/${name}`);
}
packer.runPython(script);
const archive = packer.globals.get("archive")(packer.toPy(found.files)).toJs();
await install(packer, archive);
packer.runPython("from derivations._reading import replay; from derivations._values import balls"); // what all this takes belongs to the library as well
const library = join(out, "python.zip");
writeFileSync(library, packer.globals.get("library")(packer.toPy(found.library)).toJs());
writeFileSync(join(out, "bundle.zip"), archive);
said(`${found.files.length} modules packed, ${(archive.length / 1e6).toFixed(2)} MB`);

const python = await start({ stdLibURL: library });
python.runPython(script);
await install(python, archive);
said(`run from the pack alone: ${python.globals.get("trial")(JSON.stringify(found.tried))}`);
