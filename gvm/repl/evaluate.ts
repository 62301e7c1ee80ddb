import { untilAborted } from "../../gmp/async/until_aborted.ts";
import { hanging } from "../../gmp/command/wrap.ts";
import { GhostError } from "../../gmp/errors.ts";
import { nearest } from "../../gmp/nearest.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import type { OutputStream } from "../engine/output.ts";
import type { StandardStream } from "../wasi/mod.ts";
import { findTopic, noSuchTopic, renderHelp, renderTopic } from "./help.ts";
import type { Call, Expression, Name, Run } from "./language/syntax.ts";
import type { LineSources } from "./call_function.ts";
import { moduleOf } from "./module_of.ts";
import { startTarget } from "./start_target.ts";

/** Shows a line's effects, and knows what it may refer to. */
export interface ReplConsole extends LineSources {
  /** Prints a line to standard output. */
  print(line: string): void;
  /** Prints the result of a call. */
  result(text: string): void;
  /** Passes on a module's output. */
  write(bytes: Uint8Array, stream: OutputStream): void;
  /** A module's output has ended: what it did to a terminal is undone. */
  restore?(): void;
  /** Those of a module's streams that are terminals. */
  readonly terminals: readonly StandardStream[];
  /** Characters of a result that are shown; all of them by default. */
  readonly limit: number | undefined;
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
 * @throws {GhostError} what the node throws; {@linkcode TextError} at a value that does not fit.
 * @throws {ModuleExit} for a module whose exit code is not 0.
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
      console.print(await untilAborted(help(expression.topic?.text, node, console.columns), signal));
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
        console.print(hanging(`${name} ${versions.join(", ")}`, console.columns));
      }
      return "continue";
    case "connect":
      await node.connect(expression.node.text, { signal });
      console.print(expression.node.text);
      return "continue";
    case "disconnect":
      await untilAborted(disconnect(expression.node.text, node), signal);
      console.print("Client disconnected.");
      return "continue";
    case "reset":
      await node.reset(moduleOf(expression), { signal });
      return "continue";
    case "drop":
      await untilAborted(console.handles.drop(expression.name.text), signal);
      return "continue";
    case "remote":
      await startElsewhere(expression.node.text, expression.target, node, console, { signal });
      return "continue";
    case "assign": {
      const { name: as, call, node: elsewhere } = expression;
      if (elsewhere !== undefined) await startElsewhere(elsewhere.text, call, node, console, { signal, as });
      else await startTarget(call, node, console, { signal, as, spaced: true });
      return "continue";
    }
    default:
      await startTarget(expression, node, console, { signal, spaced: true });
      return "continue";
  }
}

async function startElsewhere(
  on: string,
  target: Run | Call,
  node: GhostNode,
  console: ReplConsole,
  options: { readonly signal: AbortSignal; readonly as?: Name },
): Promise<void> {
  if (on !== node.name && !node.list().includes(on)) throw notConnected(on, node.list());
  console.print(`ID:  ${crypto.randomUUID()}`);
  await startTarget(target, node, console, { ...options, on, spaced: false });
}

/** @throws {GhostError} `NOT_CONNECTED`, with the node that was most likely meant. */
async function disconnect(name: string, node: GhostNode): Promise<void> {
  try {
    await node.disconnect(name);
  } catch (error) {
    if (!(error instanceof GhostError && error.code === "NOT_CONNECTED")) throw error;
    const meant = meantBy(name, node.list());
    const advice = meant === undefined ? "" : `; did you mean ${meant}?`;
    const why = name === node.name ? "it is this node" : `it is not connected${advice}`;
    throw new GhostError("NOT_CONNECTED", `Cannot disconnect from "${name}": ${why}`);
  }
}

/** The connected node that was most likely meant: of the same name on another device rather than of a similar name. */
function meantBy(name: string, connected: readonly string[]): string | undefined {
  return connected.find((one) => one.startsWith(`${name}@`)) ?? nearest(name, connected);
}

function notConnected(name: string, connected: readonly string[]): GhostError {
  const meant = meantBy(name, connected);
  const advice = meant === undefined ? `first do Node.connect(${name})` : `did you mean ${meant}?`;
  return new GhostError("NOT_CONNECTED", `Cannot run on "${name}": it is not connected; ${advice}`);
}

async function help(
  topic: string | undefined,
  node: GhostNode,
  columns: number | undefined,
): Promise<string> {
  if (topic === undefined) return renderHelp(columns);
  const found = findTopic(topic);
  if (found !== undefined) return renderTopic(found, columns);
  const { moduleHelp } = await import("./module_help.ts");
  const shown = await moduleHelp(topic, node, columns).catch((error) => {
    if (GhostError.from(error).code === "GPMD_NOT_RUNNING") return undefined;
    throw error;
  });
  if (shown !== undefined) return shown;
  const modules = await node.modules().then((all) => all.map(({ name }) => name), () => []);
  throw new GhostError("BAD_ARGUMENTS", `Cannot help: ${noSuchTopic(topic, modules)}`);
}
