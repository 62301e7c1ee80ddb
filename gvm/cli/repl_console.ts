import { GhostError } from "../../gmp/errors.ts";
import { readRegularFile } from "../../gmp/device/regular_file.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import type { Outcome, ReplConsole } from "../repl/evaluate.ts";
import { Handles } from "../repl/handles.ts";
import type { LineInput } from "../repl/call_function.ts";
import { openInput } from "./file_input.ts";
import { doLines, type LinesOptions } from "../repl/lines.ts";
import type { OutputStream } from "../engine/output.ts";
import type { StandardStream } from "../wasi/mod.ts";
import { withHome } from "./load_paths.ts";
import { readValue } from "./read_value.ts";
import { columns, isTerminal, print, writeBytes } from "../../gmp/command/console.ts";

/**
 * Largest file for `.load`, in bytes: its lines are all in memory, and a person or a small program wrote
 * them.
 */
const LARGEST_COMMAND_FILE = 1 << 24;

/** Characters of a result that are shown at a terminal: a few screenfuls. */
const SHOWN_RESULT = 10_000;

/** Options for running the lines of a `.load`. */
type LoadOptions = Omit<LinesOptions, "signal">;

/** Standard output and standard error as the REPL's console. */
export class StandardConsole implements ReplConsole {
  readonly #node: GhostNode;
  readonly #options: LoadOptions;
  /** See {@linkcode ReplConsole.handles}. */
  readonly handles: Handles = new Handles();
  /** Files being loaded, each by a line of the previous one. */
  readonly #loading = new Set<string>();

  readonly #paint: (result: string) => string;
  readonly #streams: readonly StandardStream[];

  /** Runs lines of files on `node`; `paint` colours results. Its modules use `streams` of this process. */
  constructor(
    node: GhostNode,
    options: LoadOptions,
    paint: (result: string) => string = (result) => result,
    streams: readonly StandardStream[] = ["stdout", "stderr"],
  ) {
    this.#node = node;
    this.#options = options;
    this.#paint = paint;
    this.#streams = streams;
  }

  /** See {@linkcode ReplConsole.print}. */
  print(line: string): void {
    print(line);
  }

  /** See {@linkcode ReplConsole.write}. */
  write(bytes: Uint8Array, stream: OutputStream): void {
    writeBytes(bytes, stream);
  }

  /** See {@linkcode ReplConsole.result}. */
  result(text: string): void {
    this.print(this.#paint(text));
  }

  /** See {@linkcode ReplConsole.terminals}. */
  get terminals(): readonly StandardStream[] {
    return this.#streams.filter(isTerminal);
  }

  /** See {@linkcode ReplConsole.columns}. */
  get columns(): number | undefined {
    return columns();
  }

  /** See {@linkcode ReplConsole.limit}. */
  get limit(): number | undefined {
    return isTerminal("stdout") ? SHOWN_RESULT : undefined;
  }

  /** See {@linkcode ReplConsole.file}. @throws {GhostError} as `readRegularFile`. */
  async file(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return await readValue(path);
  }

  /** See {@linkcode ReplConsole.open}. @throws {GhostError} as `openRegularFile`. */
  async open(path: string): Promise<LineInput> {
    return await openInput(path);
  }

  /** See {@linkcode ReplConsole.load}. @throws {GhostError} as `readRegularFile`, and `BAD_REQUEST` when a line failed. */
  async load(file: string, signal: AbortSignal): Promise<Outcome> {
    if (this.#loading.has(file)) {
      throw new GhostError("BAD_ARGUMENTS", `Cannot load "${file}": it loads itself`);
    }
    const text = await readCommands(withHome(file));
    this.#loading.add(file);
    try {
      const lines = text.split("\n");
      const { outcome, failed } = await doLines(lines, this.#node, this, { ...this.#options, signal });
      if (failed > 0) throw new GhostError("BAD_REQUEST", `Cannot load "${file}": line ${failed} failed`);
      return outcome;
    } finally {
      this.#loading.delete(file);
    }
  }
}

async function readCommands(file: string): Promise<string> {
  const bytes = await readRegularFile(file, { action: "load", limit: LARGEST_COMMAND_FILE });
  return new TextDecoder().decode(bytes);
}
