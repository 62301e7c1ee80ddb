/**
 * Runs the suite: the types, the documentation, the package that would be published, the examples of the documents, and all
 * tests, four jobs at a time. Most tests wait for processes that they start, from bundles, so that one alone would use half a
 * core. The tests of a group share a module: a module of its own costs each file a worker, and that as much processor time
 * as five processes. Each job prints what it has to say in one piece.
 */
import { join, relative } from "@std/path";
import { makeBundles } from "./bundles.ts";
import { ROOT } from "./commands.ts";
import { type TestGroup, testGroups } from "./test_groups.ts";

const AT_ONCE = 4;
const ENTRY_POINTS = ["mod.ts", "gmp/mod.ts", "gpmd/mod.ts", "gvm/mod.ts", "gpmd/main.ts", "gvm/main.ts"];

/** The arguments of `deno` for each job, and what takes longest first. */
async function jobs(): Promise<string[][]> {
  const importMap = await makeBundles(ROOT);
  const groups = await testGroups(ROOT);
  const flags = ["-A", "--no-check", "--sanitize-ops", "--sanitize-resources", `--import-map=${importMap}`];
  const tests = await Promise.all(groups.map(async (group) => ["test", ...flags, await moduleOf(group)]));
  return [
    ...tests.slice(0, AT_ONCE - 1),
    ["test", ...flags, "tests/tools/doc_tests.ts"],
    ["check", "--doc", ".", "README.md", ...documents()],
    ["doc", "--lint", ...ENTRY_POINTS],
    ...tests.slice(AT_ONCE - 1),
    ["publish", "--dry-run", "--allow-dirty", "--no-check"], // slow types and files; the types have a job of their own
  ];
}

/** The paths of the documents: `deno check` looks for none by itself. */
function documents(): string[] {
  return Array.from(Deno.readDirSync(join(ROOT, "docs")), ({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md"));
}

/** Writes the module that has the tests of `group`, beside the bundles, by a name that `deno test` does not look for. Returns its path. */
async function moduleOf({ name, files }: TestGroup): Promise<string> {
  const directory = join(ROOT, ".bundles");
  const path = join(directory, `${name}_tests.ts`);
  const imports = files.map((file) => `import ${JSON.stringify(relative(directory, file))};\n`);
  await Deno.writeTextFile(path, imports.join(""));
  return path;
}

/** Does jobs until none is left; `place` of those at a time. Returns whether all succeeded. */
async function work(left: string[][], place: number): Promise<boolean> {
  let succeeded = true;
  for (let args = left.shift(); args !== undefined; args = left.shift()) {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { GHOST_TEST_PART: `${place}` }, // each has ports of its own
      stdin: "null",
    }).output();
    for (const bytes of [stdout, stderr]) await print(bytes);
    if (!success) console.error(`Failed: deno ${args.join(" ")}`);
    succeeded &&= success;
  }
  return succeeded;
}

/** Writes all of `bytes`, and nothing of another job amid them. */
function print(bytes: Uint8Array): Promise<void> {
  return printed = printed.then(async () => {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  });
}

let printed = Promise.resolve();
const left = await jobs();
console.log(`${left.length} jobs, ${AT_ONCE} at a time; each prints what it has to say at its end`);
const outcomes = await Promise.all(Array.from({ length: AT_ONCE }, (_, place) => work(left, place)));
if (!outcomes.every((success) => success)) Deno.exit(1);
