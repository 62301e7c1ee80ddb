/**
 * Bundles for the tests, as `deno task bundle` makes them, in a directory of their own: a test of the installation makes
 * those of `dist/` anew. The suite starts some thousand processes, and one file starts faster than the hundreds that it is
 * made of.
 */
import { join, toFileUrl } from "@std/path";
import config from "../../deno.json" with { type: "json" };

/** Beside `dist/`: a bundle finds what it does not contain by its own place. */
const DIRECTORY = ".bundles";

/** The entry points, and the bundles made of them. */
const ENTRIES = {
  "gpmd/main.ts": "gpmd.js",
  "gpmd/daemon/daemon_main.ts": "daemon.js",
  "gvm/main.ts": "gvm.js",
  "gvm/executor/main.ts": "executor.js",
};

/** Makes the bundles. Returns the path of an import map that puts them in the place of the sources, or fails as `deno`. */
export async function makeBundles(root: string): Promise<string> {
  const command = config.tasks.bundle.replaceAll("dist/", `${DIRECTORY}/`);
  const made = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--eval", command],
    cwd: root,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!made.success) throw new Error(`Cannot make the bundles: ${command}`);
  const place = (path: string) => toFileUrl(join(root, path)).href;
  const bundles = Object.entries(ENTRIES).map((
    [entry, file],
  ) => [place(entry), place(join(DIRECTORY, file))]);
  const packages = Object.entries(config.imports).flatMap(([name, target]) => [
    [name, target],
    [`${name}/`, `${target.replace(/^(npm|jsr):/, "$1:/")}/`], // which an import map does not imply, as deno.json does
  ]);
  const map = join(root, DIRECTORY, "import_map.json");
  await Deno.writeTextFile(map, JSON.stringify({ imports: Object.fromEntries([...packages, ...bundles]) }));
  return map;
}
