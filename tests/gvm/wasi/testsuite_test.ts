import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { InputQueue, Snapshot, type TreeEntry } from "../../../gvm/wasi/mod.ts";
import { runGuest } from "./_guest.ts";

/** A checkout of WebAssembly/wasi-testsuite, branch `prod/testsuite-base`, which has the programs compiled. */
const checkout = Deno.env.get("WASI_TESTSUITE");

/** What the suite says of a program, in `doc/specification.md`. */
interface Specification {
  readonly args?: string[];
  readonly env?: Record<string, string>;
  readonly root?: string;
  readonly exit_code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

if (checkout === undefined) {
  console.log("Skipping WebAssembly/wasi-testsuite: WASI_TESTSUITE does not name a checkout of it");
}

Deno.test({
  name: "all 72 programs of WebAssembly/wasi-testsuite pass",
  ignore: checkout === undefined,
  async fn() {
    const failures: string[] = [];
    let count = 0;
    for (const language of ["assemblyscript", "c", "rust"]) {
      const directory = join(checkout!, "tests", language, "testsuite", "wasm32-wasip1");
      for (const { name } of Deno.readDirSync(directory)) {
        if (!name.endsWith(".wasm")) continue;
        count++;
        const failure = await failureOf(directory, name);
        if (failure !== undefined) failures.push(`${language}/${name}: ${failure}`);
      }
    }
    assertEquals(failures, []);
    assertEquals(count, 72);
  },
});

async function failureOf(directory: string, name: string): Promise<string | undefined> {
  const specification = readSpecification(join(directory, name.replace(/\.wasm$/, ".json")));
  const { args = [], env = {}, root, exit_code = 0, stdout, stderr } = specification;
  const module = await WebAssembly.compile(Deno.readFileSync(join(directory, name)));
  const preopens = root === undefined
    ? []
    : [{ name: "/", fileSystem: new Snapshot(readTree(join(directory, root))).fileSystem }];
  try {
    // The suite's own runner leaves the standard input open, with nothing in it.
    const outcome = await runGuest(module, { args: [name, ...args], env, preopens, stdin: new InputQueue() });
    if (outcome.code !== exit_code) return `exit code ${outcome.code}: ${outcome.stderr}`;
    if (stdout !== undefined && outcome.stdout !== stdout) return `stdout is "${outcome.stdout}"`;
    if (stderr !== undefined && outcome.stderr !== stderr) return `stderr is "${outcome.stderr}"`;
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function readSpecification(path: string): Specification {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

/** What is in a directory, but for what earlier runs of other engines may have left there. */
function* readTree(directory: string, prefix = ""): Generator<TreeEntry> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (name.endsWith(".cleanup")) continue;
    const from = join(directory, name);
    const path = prefix + name;
    const modifiedAt = BigInt(Deno.lstatSync(from).mtime!.getTime()) * 1_000_000n;
    if (isDirectory) {
      yield { type: "directory", path, modifiedAt };
      yield* readTree(from, `${path}/`);
    } else yield { type: "file", path, modifiedAt, bytes: Deno.readFileSync(from) };
  }
}
