/**
 * Runs the tests with the real JSR packages in place of the stand-ins in `links/`, on a copy of the tree whose
 * `deno.json` has no workspace. Where JSR does not answer it says so and succeeds. `--links=PATH,PATH` takes the packages
 * from checkouts of denoland/std and c4spar/cliffy instead, which needs no JSR. All tests and the examples of the documents
 * run, or the test files that are named.
 */
import { parseArgs } from "@std/cli/parse-args";
import { ensureDir } from "@std/fs/ensure-dir";
import { walk } from "@std/fs/walk";
import { dirname, fromFileUrl, join, relative, resolve } from "@std/path";

const JSR = "https://jsr.io/@std/assert/meta.json";
const PATIENCE_MS = 10_000;
const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const NOT_COPIED = [/[\\/]\.git$/, /[\\/]node_modules$/, /[\\/]links$/, /[\\/]deno\.lock$/];

/** Why JSR cannot be used, or nothing when it can. */
async function whyNot(): Promise<string | undefined> {
  try {
    const response = await fetch(JSR, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return response.ok ? undefined : `${JSR} answered ${response.status}`;
  } catch (error) {
    return `JSR does not answer (${error instanceof Error ? error.message : error})`;
  }
}

async function copyTree(target: string): Promise<void> {
  for await (const { path } of walk(ROOT, { includeDirs: false, includeSymlinks: false, skip: NOT_COPIED })) {
    const copy = join(target, relative(ROOT, path));
    await ensureDir(dirname(copy));
    await Deno.copyFile(path, copy);
  }
}

async function writeConfig(target: string, links: string[]): Promise<void> {
  const { workspace: _standIns, ...config } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  if (links.length > 0) {
    config.links = links.map((path) => resolve(path));
    // Packages from a checkout are checked with our options, which are stricter than those they are written for.
    config.compilerOptions = { strict: true };
  }
  await Deno.writeTextFile(join(target, "deno.json"), JSON.stringify({ ...config, lock: false }, null, 2));
}

async function deno(cwd: string, ...args: string[]): Promise<number> {
  return (await new Deno.Command("deno", { args, cwd }).spawn().status).code;
}

async function runTests(links: string[], files: string[]): Promise<number> {
  const target = await Deno.makeTempDir({ prefix: "ghost-jsr-" });
  try {
    await copyTree(target);
    await writeConfig(target, links);
    // What link runs is locked: here with other packages in place of the stand-ins.
    await deno(target, "cache", "--quiet", "--lock=gpmd/link/deno.lock", "gpmd/link/main.ts");
    if (files.length > 0) {
      return await deno(target, "test", "-A", "--sanitize-ops", "--sanitize-resources", ...files);
    }
    const checked = await deno(target, "check");
    const tested = await deno(target, "run", "-A", "tests/tools/run_tests.ts");
    return checked || tested;
  } finally {
    await Deno.remove(target, { recursive: true });
  }
}

const { links, _: files } = parseArgs(Deno.args, { string: ["links"] });
const reason = links === undefined ? await whyNot() : undefined;
if (reason === undefined) {
  Deno.exit(await runTests(links?.split(",") ?? [], files.map(String)));
} else {
  console.log(`Skipped the tests with the packages of JSR: ${reason}`);
}
