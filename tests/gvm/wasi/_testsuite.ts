/** The programs of WebAssembly/wasi-testsuite, branch `prod/testsuite-base`, which has them compiled. */
import { join } from "@std/path";
import { InputQueue, type Preopen, Snapshot, type TreeEntry } from "../../../gvm/wasi/mod.ts";
import type { GuestOptions } from "./_guest.ts";

/** A checkout of it, where the tests are told of one. */
export const CHECKOUT: string | undefined = Deno.env.get("WASI_TESTSUITE");
/** How many programs it has. */
export const PROGRAMS = 72;

/** A program and what the suite says of it, in `doc/specification.md`. */
export interface SuiteProgram {
  /** The language it was written in, and its file's name. */
  readonly title: string;
  /** Its file's name, which is its `argv[0]`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The directory that it gets as its root. */
  readonly root: string | undefined;
  readonly exitCode: number;
  /** What it writes, where that is said. */
  readonly stdout: string | undefined;
  readonly stderr: string | undefined;
}

interface Specification {
  readonly args?: string[];
  readonly env?: Record<string, string>;
  readonly root?: string;
  readonly exit_code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** The programs of the checkout at `checkout`. */
export function* suitePrograms(checkout: string): Generator<SuiteProgram> {
  for (const language of ["assemblyscript", "c", "rust"]) {
    const directory = join(checkout, "tests", language, "testsuite", "wasm32-wasip1");
    for (const { name } of Deno.readDirSync(directory)) {
      if (!name.endsWith(".wasm")) continue;
      const { args = [], env = {}, root, exit_code = 0, stdout, stderr } = readSpecification(
        join(directory, name.replace(/\.wasm$/, ".json")),
      );
      yield {
        title: `${language}/${name}`,
        name,
        file: join(directory, name),
        args,
        env,
        root: root === undefined ? undefined : join(directory, root),
        exitCode: exit_code,
        stdout,
        stderr,
      };
    }
  }
}

/** What `program` is given. */
export function optionsOf({ name, args, env, root }: SuiteProgram): GuestOptions {
  const preopens = rootOf(root);
  // The suite's own runner leaves the standard input open, with nothing in it.
  return { args: [name, ...args], env, preopens, stdin: new InputQueue() };
}

/** The directory `root` of the suite as the one that a program gets. */
export function rootOf(root: string | undefined): readonly Preopen[] {
  return root === undefined ? [] : [{ name: "/", fileSystem: new Snapshot(readTree(root)).fileSystem }];
}

/** Why the outcome of `program` is not what the suite says, if it is not. */
export function failureOf(
  program: SuiteProgram,
  outcome: { readonly code: number; readonly stdout: string; readonly stderr: string },
): string | undefined {
  const { exitCode, stdout, stderr } = program;
  if (outcome.code !== exitCode) return `exit code ${outcome.code}: ${outcome.stderr}`;
  if (stdout !== undefined && outcome.stdout !== stdout) return `stdout is "${outcome.stdout}"`;
  if (stderr !== undefined && outcome.stderr !== stderr) return `stderr is "${outcome.stderr}"`;
  return undefined;
}

/** True for what earlier runs of other engines may have left in the directories of the suite. */
export function isLeftOver(name: string): boolean {
  return name.endsWith(".cleanup");
}

function readSpecification(path: string): Specification {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
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
