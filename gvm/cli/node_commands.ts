import { columns, complain, isTerminal, note } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { rememberedPort, withRememberedPort } from "../../gmp/command/remembered_port.ts";
import { settingsOf } from "../../gmp/command/settings_options.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT } from "../../gmp/device/settings.ts";
import { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../peers/peers_options.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { endNext } from "../executors/ends_next.ts";
import { pathsIn } from "../repl/call_function.ts";
import { type Expression, runBy } from "../repl/language/syntax.ts";
import { doLines, readLines } from "../repl/lines.ts";
import { configIn, limitsIn } from "./commands.ts";
import { ACCEPT, type Accept, EXECUTORS, KEEP_GOING, NAME } from "./options.ts";
import { StandardConsole } from "./repl_console.ts";
import { unreadable } from "./standard_input.ts";
import { Stop } from "./stop.ts";

/** The line of `gvm run`. */
interface OneLine {
  /** Its meaning. */
  readonly expression: Expression;
  /** The limits of what it runs. */
  readonly limits: ExecutionLimits;
}

/** Runs `gvm` with a node: the prompt, lines from standard input, or the one `line` of `gvm run`. Returns the exit code. */
export async function runNode(invocation: Invocation, line?: OneLine): Promise<number> {
  // A node does not use the command port: it is given so that no environment variable has to be read for it.
  const settings = settingsOf(invocation, { commandPort: DEFAULT_COMMAND_PORT });
  const interactive = line === undefined && isTerminal("stdin");
  const accept = invocation.get(ACCEPT) ?? "all";
  if (accept === "ask" && !interactive) {
    throw new UsageError("--accept ask needs a terminal to ask at");
  }
  const secret = await readSecret(settings.home, Deno);
  const remembered = rememberedPort(settings.home, "gmpPort");
  const plain = interactive && (!isTerminal("stdout") || Deno.env.get("TERM") === "dumb");
  const history = interactive
    ? (await import("../repl/terminal/history.ts")).History.open(settings.home)
    : undefined;
  processEnvironment();
  // From here on the node writes no file, and reads none (except for `.load` and `@file` among its lines).
  if (line !== undefined && !readsFiles(line.expression)) await Deno.permissions.revoke({ name: "read" });
  await Deno.permissions.revoke({ name: "write" });
  await Deno.permissions.revoke({ name: "env" });
  await Deno.permissions.revoke({ name: "sys" });

  let ask: AcceptPeer = () => false;
  const config = configIn(invocation);
  const [name, executors] = [invocation.get(NAME), invocation.get(EXECUTORS)];
  const node = await GhostNode.start({
    ...settings,
    secret,
    ...(name === undefined ? {} : { name }),
    limits: line?.limits ?? limitsIn(invocation),
    ...config === undefined ? {} : { config },
    ...(executors === undefined ? {} : { executors }),
    accept: acceptBy(accept, (peer, signal) => ask(peer, signal)),
  }).catch((error) => {
    throw withRememberedPort(error, "gmpPort", settings.gmpPort, remembered);
  });
  try {
    if (history === undefined) return await runUnattended(node, invocation, line);
    const { runPrompt } = await import("./prompt_command.ts");
    return await runPrompt(node, { history, plain, askWith: (how) => ask = how });
  } finally {
    history?.close();
    endNext();
    await node.close();
  }
}

/** Whether the line reads files. */
function readsFiles(expression: Expression): boolean {
  const target = runBy(expression);
  return expression.kind === "load" || target?.input !== undefined ||
    target?.kind === "call" && !pathsIn(target.arguments).next().done;
}

/** Who may connect, by `--accept`. */
function acceptBy(accept: Accept, ask: AcceptPeer): AcceptPeer {
  if (accept === "all") return () => true;
  if (accept === "none") return () => false;
  if (accept === "ask") return ask;
  return ({ name, device }) => accept.has(name) || device !== undefined && accept.has(`@${device}`);
}

/** Does the one `line`, or those of standard input, until a signal. Returns the exit code. */
async function runUnattended(node: GhostNode, invocation: Invocation, line?: OneLine): Promise<number> {
  using stop = new Stop();
  const { signal } = stop;
  const code = line === undefined
    ? await runLines(node, invocation.has(KEEP_GOING), signal)
    : await (await import("./one_line.ts")).doOneLine(line.expression, node, invocation, signal);
  return stop.exitCode ?? code;
}

async function runLines(node: GhostNode, keepGoing: boolean, signal: AbortSignal): Promise<number> {
  note(`GVM has been created ${node.name} (${node.id})`);
  const options = { keepGoing, complain, columns: columns("stderr") };
  const console = new StandardConsole(node, options);
  const { failures, others } = await doLines(linesOfInput(signal), node, console, { ...options, signal });
  if (failures.length === 0) return 0;
  const more = others > 0 ? ` and ${others} more` : "";
  if (!signal.aborted) {
    note(`${failures.length === 1 ? "Line" : "Lines"} ${failures.join(", ")}${more} failed`);
  }
  return 1;
}

/** Standard input line by line, until `signal`. @throws {GhostError} `BAD_ARGUMENTS` if it cannot be read. */
async function* linesOfInput(signal: AbortSignal): AsyncGenerator<string, void, void> {
  const reader = Deno.stdin.readable.getReader();
  const cancel = () => void reader.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  yield* readLines(chunks(reader));
}

async function* chunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const { done, value } = await reader.read().catch((error) => Promise.reject(unreadable(error)));
    if (done) return;
    yield value;
  }
}
