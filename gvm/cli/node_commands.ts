import { processEnvironment } from "../../gmp/device/deno_process.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/device/settings.ts";
import { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../peers/peers.ts";
import { doLines, readLines } from "../repl/lines.ts";
import { complain } from "./console.ts";
import { UsageError } from "./failure.ts";
import type { GvmOptions } from "./options.ts";
import { StandardConsole } from "./repl_console.ts";

/** Runs `gvm` with a node: the prompt, lines from standard input, or the one line of `gvm run`. Returns the exit code. */
export async function runNode(options: GvmOptions): Promise<number> {
  const settings = readSettings(
    { home: options.home, gmpPort: options.gmpPort, commandPort: DEFAULT_COMMAND_PORT },
    (name) => Deno.env.get(name),
  );
  const interactive = options.command === "repl" && Deno.stdin.isTerminal();
  if (options.accept === "ask" && !interactive) {
    throw new UsageError("--accept ask needs a terminal to ask at");
  }
  const secret = await readSecret(settings.home, Deno);
  const plain = interactive && Deno.env.get("TERM") === "dumb";
  const history = interactive
    ? (await import("../repl/terminal/history.ts")).History.open(settings.home)
    : undefined;
  processEnvironment();
  // From here on the node reads no file (but for .load among its lines) and writes none.
  if (options.command === "run") await Deno.permissions.revoke({ name: "read" });
  await Deno.permissions.revoke({ name: "write" });
  await Deno.permissions.revoke({ name: "env" });
  await Deno.permissions.revoke({ name: "sys" });

  let ask: AcceptPeer = () => false;
  const node = await GhostNode.start({
    ...settings,
    secret,
    ...(options.name === undefined ? {} : { name: options.name }),
    limits: options.limits,
    ...(options.executors === undefined ? {} : { executors: options.executors }),
    accept: acceptBy(options.accept, (peer) => ask(peer)),
  });
  const stop = new AbortController();
  const leave = () => stop.abort();
  Deno.addSignalListener("SIGTERM", leave);
  try {
    if (history === undefined) return await runLines(options, node, stop.signal);
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
function acceptBy(accept: GvmOptions["accept"], ask: AcceptPeer): AcceptPeer {
  if (accept === "all") return () => true;
  if (accept === "none") return () => false;
  if (accept === "ask") return ask;
  return ({ name }) => accept.has(name);
}

async function runLines(options: GvmOptions, node: GhostNode, stop: AbortSignal): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  const signal = AbortSignal.any([stop, interrupted.signal]);
  const { keepGoing } = options;
  const console = new StandardConsole(node, { keepGoing, complain });
  if (options.command === "repl") complain(`GVM has been created ${node.name} (${node.id})`);
  try {
    const lines = options.command === "run" ? options.words : linesOfInput(signal);
    const { failed } = await doLines(lines, node, console, { keepGoing, signal, complain });
    return failed > 0 || signal.aborted ? 1 : 0;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

/** Standard input line by line, ended early by `signal`. */
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
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
