import { complain } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { settingsOf } from "../../gmp/command/settings_options.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT } from "../../gmp/device/settings.ts";
import { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../peers/peers.ts";
import type { ParsedLine } from "../repl/language/parser.ts";
import { doLines, readLines } from "../repl/lines.ts";
import { limitsIn } from "./commands.ts";
import { ACCEPT, type Accept, EXECUTORS, KEEP_GOING, NAME } from "./options.ts";
import { StandardConsole } from "./repl_console.ts";
import { unreadable } from "./standard_input.ts";

/** Runs `gvm` with a node: the prompt, lines from standard input, or the one `line` of `gvm run`. Returns the exit code. */
export async function runNode(invocation: Invocation, line?: ParsedLine): Promise<number> {
  // A node does not use the command port: it is given so that no environment variable has to be read for it.
  const settings = settingsOf(invocation, { commandPort: DEFAULT_COMMAND_PORT });
  const interactive = line === undefined && Deno.stdin.isTerminal();
  const accept = invocation.get(ACCEPT) ?? "all";
  if (accept === "ask" && !interactive) {
    throw new UsageError("--accept ask needs a terminal to ask at");
  }
  const secret = await readSecret(settings.home, Deno);
  const plain = interactive && Deno.env.get("TERM") === "dumb";
  const history = interactive
    ? (await import("../repl/terminal/history.ts")).History.open(settings.home)
    : undefined;
  processEnvironment();
  // From here on the node writes no file, and reads none (except for `.load` among its lines).
  if (line !== undefined) await Deno.permissions.revoke({ name: "read" });
  await Deno.permissions.revoke({ name: "write" });
  await Deno.permissions.revoke({ name: "env" });
  await Deno.permissions.revoke({ name: "sys" });

  let ask: AcceptPeer = () => false;
  const [name, executors] = [invocation.get(NAME), invocation.get(EXECUTORS)];
  const node = await GhostNode.start({
    ...settings,
    secret,
    ...(name === undefined ? {} : { name }),
    limits: limitsIn(invocation),
    ...(executors === undefined ? {} : { executors }),
    accept: acceptBy(accept, (peer) => ask(peer)),
  });
  const stop = new AbortController();
  const leave = () => stop.abort();
  Deno.addSignalListener("SIGTERM", leave);
  try {
    if (history === undefined) {
      return await runLines(node, { line, keepGoing: invocation.has(KEEP_GOING), stop: stop.signal });
    }
    const { runPrompt } = await import("./prompt_command.ts");
    await runPrompt(node, { history, plain, askWith: (how) => ask = how }, stop.signal);
    return 0;
  } finally {
    Deno.removeSignalListener("SIGTERM", leave);
    history?.close();
    await node.close();
  }
}

/** Who may connect, by `--accept`. */
function acceptBy(accept: Accept, ask: AcceptPeer): AcceptPeer {
  if (accept === "all") return () => true;
  if (accept === "none") return () => false;
  if (accept === "ask") return ask;
  return ({ name }) => accept.has(name);
}

async function runLines(
  node: GhostNode,
  { line, keepGoing, stop }: { line: ParsedLine | undefined; keepGoing: boolean; stop: AbortSignal },
): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  const signal = AbortSignal.any([stop, interrupted.signal]);
  const console = new StandardConsole(node, { keepGoing, complain });
  if (line === undefined) complain(`GVM has been created ${node.name} (${node.id})`);
  try {
    const lines = line === undefined ? linesOfInput(signal) : [line];
    const { failed } = await doLines(lines, node, console, { keepGoing, signal, complain });
    return failed > 0 || signal.aborted ? 1 : 0;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
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
