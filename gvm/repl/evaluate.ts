import { GhostError } from "../../gmp/errors.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import type { OutputStream } from "../engine/output.ts";
import { findTopic, noSuchTopic, renderHelp, renderTopic } from "./help.ts";
import { formatResult } from "./result.ts";
import type { Call, Expression, Run } from "./language/syntax.ts";

/** Shows a line's effects. */
export interface ReplConsole {
  /** Prints a line to standard output. */
  print(line: string): void;
  /** Prints the result of a call. */
  result(text: string): void;
  /** Passes on a module's output. */
  write(bytes: Uint8Array, stream: OutputStream): void;
  /** Those of standard output and standard error that are terminals; a module's output goes there. */
  readonly terminals: readonly OutputStream[];
  /** Columns of the terminal, if there is one. */
  readonly columns: number | undefined;
  /** Runs the lines of a file, for `.load`. */
  load(file: string, signal: AbortSignal): Promise<Outcome>;
}

/** Whether the REPL continues after a line. */
export type Outcome = "continue" | "exit";

/**
 * Evaluates `expression` on `node`, doing only what any program could do.
 *
 * @throws {GhostError} what the node throws; `TRAP` for a module whose exit code is not 0.
 */
export async function evaluate(
  expression: Expression,
  node: GhostNode,
  console: ReplConsole,
  signal: AbortSignal,
): Promise<Outcome> {
  switch (expression.kind) {
    case "empty":
      return "continue";
    case "exit":
      console.print("Goodbye :(");
      return "exit";
    case "help":
      console.print(help(expression.topic?.text, console.columns));
      return "continue";
    case "load":
      return await console.load(expression.file.text, signal);
    case "discover":
      console.print((await node.discover({ signal })).join(","));
      return "continue";
    case "list":
      console.print(node.list().join(","));
      return "continue";
    case "modules":
      for (const { name, versions } of await node.modules({ signal })) {
        console.print(`${name} ${versions.join(", ")}`);
      }
      return "continue";
    case "connect":
      await node.connect(expression.node.text, { signal });
      console.print(expression.node.text);
      return "continue";
    case "disconnect":
      await node.disconnect(expression.node.text);
      console.print("Client disconnected.");
      return "continue";
    case "reset":
      await node.reset(moduleOf(expression));
      return "continue";
    case "remote": {
      const on = expression.node.text;
      if (on !== node.name && !node.list().includes(on)) throw notConnected(on);
      console.print(`ID:  ${crypto.randomUUID()}`);
      await start(expression.target, node, console, { on, signal });
      return "continue";
    }
    default:
      await start(expression, node, console, { signal });
      return "continue";
  }
}

interface Where {
  on?: string;
  signal: AbortSignal;
}

/** The module's name as the node takes it. */
function moduleOf({ module, version }: Pick<Run, "module" | "version">): ModuleName {
  return { module: module.text, version: version?.text };
}

async function start(target: Run | Call, node: GhostNode, console: ReplConsole, where: Where): Promise<void> {
  const module = moduleOf(target);
  const written = new Written(console);
  if (target.kind === "run") {
    const { terminals } = console;
    const argv = target.argv.map(({ text }) => text);
    const run = node.run(module, argv, { ...where, terminals, output: written.take });
    const code = await run.exitCode.finally(() => written.endLine());
    if (code !== 0) throw new GhostError("TRAP", `${target.module.text} exited with code ${code}`);
    return;
  }
  const name = { ...module, function: target.function.text };
  const values = target.arguments.map(({ value }) => value);
  const { results } = await node.signature(name, where);
  const result = await node.call(name, values, { ...where, output: written.take }).finally(() =>
    written.endLine()
  );
  const text = formatResult(result, results);
  if (text === undefined) return;
  // As in the user's transcripts: an empty line after the output of a local call, none after a remote one.
  if (written.any && where.on === undefined) console.print("");
  console.result(text);
}

/** A call's output so far. */
class Written {
  /** Whether it wrote anything. */
  any = false;
  #lineEnded = true;
  readonly #console: ReplConsole;

  constructor(console: ReplConsole) {
    this.#console = console;
  }

  readonly take = (bytes: Uint8Array, stream: OutputStream): void => {
    if (bytes.length === 0) return;
    this.any = true;
    this.#lineEnded = bytes[bytes.length - 1] === 10;
    this.#console.write(bytes, stream);
  };

  /** Makes what follows start on a new line. */
  endLine(): void {
    if (!this.#lineEnded) this.#console.print("");
    this.#lineEnded = true;
  }
}

function notConnected(name: string): GhostError {
  return new GhostError(
    "NOT_CONNECTED",
    `Cannot run on "${name}": it is not connected; first do Node.connect(${name})`,
  );
}

function help(topic: string | undefined, columns: number | undefined): string {
  if (topic === undefined) return renderHelp(columns);
  const found = findTopic(topic);
  if (found === undefined) throw new GhostError("BAD_ARGUMENTS", `Cannot help: ${noSuchTopic(topic)}`);
  return renderTopic(found, columns);
}
