import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { InputQueue, Snapshot, type TreeEntry } from "../../../gvm/wasi/mod.ts";
import { runGuest } from "./_guest.ts";
import { CHECKOUT, failureOf, isLeftOver, PROGRAMS, type SuiteProgram, suitePrograms } from "./_testsuite.ts";

if (CHECKOUT === undefined) {
  console.log("Skipping WebAssembly/wasi-testsuite: WASI_TESTSUITE does not name a checkout of it");
}

Deno.test({
  name: "all 72 programs of WebAssembly/wasi-testsuite pass",
  ignore: CHECKOUT === undefined,
  async fn() {
    const failures: string[] = [];
    let count = 0;
    for (const program of suitePrograms(CHECKOUT!)) {
      count++;
      const failure = await run(program);
      if (failure !== undefined) failures.push(`${program.title}: ${failure}`);
    }
    assertEquals(failures, []);
    assertEquals(count, PROGRAMS);
  },
});

async function run(program: SuiteProgram): Promise<string | undefined> {
  const { name, file, args, env, root } = program;
  const module = await WebAssembly.compile(Deno.readFileSync(file));
  const preopens = root === undefined
    ? []
    : [{ name: "/", fileSystem: new Snapshot(readTree(root)).fileSystem }];
  try {
    // The suite's own runner leaves the standard input open, with nothing in it.
    const outcome = await runGuest(module, { args: [name, ...args], env, preopens, stdin: new InputQueue() });
    return failureOf(program, outcome);
  } catch (error) {
    return String(error);
  }
}

function* readTree(directory: string, prefix = ""): Generator<TreeEntry> {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    if (isLeftOver(name)) continue;
    const from = join(directory, name);
    const path = prefix + name;
    const modifiedAt = BigInt(Deno.lstatSync(from).mtime!.getTime()) * 1_000_000n;
    if (isDirectory) {
      yield { type: "directory", path, modifiedAt };
      yield* readTree(from, `${path}/`);
    } else yield { type: "file", path, modifiedAt, bytes: Deno.readFileSync(from) };
  }
}
