import type { StdinSource } from "../calls/module_run.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import type { ReplConsole } from "./evaluate.ts";
import type { Call, Name, Run } from "./language/syntax.ts";
import { moduleOf } from "./module_of.ts";
import { showCall } from "./show_call.ts";
import { Written } from "./written.ts";

/** Where and how a line's module or function runs. */
interface TargetOptions {
  /** Name of a connected node; this node by default. */
  readonly on?: string;
  /** Stops it. */
  readonly signal: AbortSignal;
  /** A module's standard input, empty by default. */
  readonly stdin?: StdinSource | undefined;
  /** The bytes for a `stream<u8>` that a function takes and the line leaves out. */
  readonly input?: (() => AsyncIterable<Uint8Array>) | undefined;
  /** Whether an empty line goes between the output and the result of a function, as in the user's transcripts. */
  readonly spaced: boolean;
  /** Whether what a function writes to standard output is left out. */
  readonly quiet?: boolean;
  /** What the resource that a function returns is to be called. */
  readonly as?: Name | undefined;
  /** Whether the text or the bytes that a function returns are written as they are. */
  readonly raw?: boolean;
}

/** A module that ended with an exit code other than 0: neither a result nor a fault of the call. */
export class ModuleExit extends Error {
  override readonly name = "ModuleExit";

  /** `module` exited with `code`, from 1 to 2**32 - 1. */
  constructor(readonly module: string, readonly code: number) {
    super(`${module} exited with code ${code}`);
  }
}

/**
 * Runs the module or calls the function of a line, and shows its output and its result.
 *
 * @throws {GhostError} what the node throws; {@linkcode TextError} at a value that does not fit.
 * @throws {ModuleExit} for a module whose exit code is not 0.
 */
export async function startTarget(
  target: Run | Call,
  node: GhostNode,
  console: ReplConsole,
  { spaced, quiet = false, raw = false, as, stdin, input, ...where }: TargetOptions,
): Promise<void> {
  const written = new Written(console, quiet && target.kind === "call");
  using files = new DisposableStack();
  const file = target.input === undefined ? undefined : files.use(await console.open(target.input.text));
  if (target.kind === "run") {
    const terminals = console.terminals.filter((stream) => file === undefined || stream !== "stdin");
    const argv = target.argv.map(({ text }) => text);
    const source = file?.bytes() ?? stdin;
    const input = source === undefined ? {} : { stdin: source };
    const run = node.run(moduleOf(target), argv, { ...where, ...input, terminals, output: written.take });
    const code = await run.exitCode.finally(() => written.endLine());
    if (code !== 0) throw new ModuleExit(target.module.text, code);
    return;
  }
  const source = file === undefined ? input : () => file.bytes();
  await showCall(target, node, console, { ...where, written, spaced, as, raw, input: source });
  files.move(); // a function may read on after it has returned
}
