import { yellow } from "@std/fmt/colors";
import { GhostError } from "../../gmp/errors.ts";
import { readSecret } from "../../gmp/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/settings.ts";
import { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../node/peers.ts";
import type { ReplConsole } from "../repl/evaluate.ts";
import { doLines, readLines } from "../repl/lines.ts";
import { columns, complain, print, writeBytes } from "./console.ts";
import { type GvmOptions, readAccept } from "./options.ts";

/** Milliseconds after which a `ask`ed question is answered with no. */
const ASK_TIME = 30_000;

/** Runs `gvm` with a node: the prompt, lines from standard input, or the one line of `gvm run`. Returns the exit code. */
export async function runNode(options: GvmOptions): Promise<number> {
  const settings = readSettings(
    { home: options.home, gmpPort: options.gmpPort, commandPort: DEFAULT_COMMAND_PORT },
    (name) => Deno.env.get(name),
  );
  const interactive = options.command === "repl" && Deno.stdin.isTerminal();
  const secret = await readSecret(settings.home, Deno);
  const history = interactive ? (await import("../repl/history.ts")).History.open(settings.home) : undefined;
  // From here on the node reads no file (but for .load at a prompt) and writes none.
  if (!interactive && options.command === "run") await Deno.permissions.revoke({ name: "read" });
  await Deno.permissions.revoke({ name: "write" });
  await Deno.permissions.revoke({ name: "env" });

  const door: { ask?: AcceptPeer } = {};
  const node = await GhostNode.start({
    ...settings,
    secret,
    ...(options.name === undefined ? {} : { name: options.name }),
    limits: options.limits,
    ...(options.executors === undefined ? {} : { executors: options.executors }),
    accept: acceptBy(options.accept, (peer) => door.ask?.(peer) ?? false),
  });
  const stop = new AbortController();
  const leave = () => stop.abort();
  Deno.addSignalListener("SIGTERM", leave);
  try {
    if (interactive) return await prompt(node, history!, door, stop.signal);
    return await batch(options, node, stop.signal);
  } finally {
    Deno.removeSignalListener("SIGTERM", leave);
    history?.close();
    await node.close();
  }
}

/** Who may connect, by `--accept`. */
function acceptBy(text: string, ask: AcceptPeer): AcceptPeer {
  const accept = readAccept(text);
  if (accept === "all") return () => true;
  if (accept === "none") return () => false;
  if (accept === "ask") return ask;
  return ({ name }) => accept.has(name);
}

async function batch(options: GvmOptions, node: GhostNode, stop: AbortSignal): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  const signal = AbortSignal.any([stop, interrupted.signal]);
  const { keepGoing } = options;
  const console: ReplConsole = makeConsole(node, signal, keepGoing);
  if (options.command === "repl") complain(`GVM has been created ${node.name} (${node.id})`);
  try {
    const lines = options.command === "run" ? options.words : linesOfInput(signal);
    const { failed } = await doLines(lines, node, console, { keepGoing, signal, complain });
    return failed || signal.aborted ? 1 : 0;
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

function makeConsole(
  node: GhostNode,
  signal: AbortSignal,
  keepGoing: boolean,
  interactive = false,
): ReplConsole {
  const console: ReplConsole = {
    print,
    result: interactive ? (text) => print(yellow(text)) : print,
    write: writeBytes,
    columns: columns(),
    load: async (file, loading) => {
      const lines = (await readCommands(file)).split("\n");
      const { failed } = await doLines(lines, node, console, {
        keepGoing,
        signal: AbortSignal.any([signal, loading]),
        complain,
      });
      if (failed) throw new GhostError("BAD_REQUEST", `Cannot go on: a line of "${file}" failed`);
    },
  };
  return console;
}

async function readCommands(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "does not exist" : "is not readable";
    throw new GhostError("BAD_ARGUMENTS", `Cannot load "${file}": it ${reason}`, { cause: error });
  }
}

async function prompt(
  node: GhostNode,
  history: import("../repl/history.ts").History,
  door: { ask?: AcceptPeer },
  stop: AbortSignal,
): Promise<number> {
  const { Terminal } = await import("../repl/terminal.ts");
  print(`GVM has been created ${node.name} (${node.id})`);
  const console = makeConsole(node, stop, false, true);
  const terminal = new Terminal({
    node,
    console,
    history,
    complain,
    draw: (text) => writeBytes(new TextEncoder().encode(text), "stdout"),
  });
  node.on("connect", ({ name }) => terminal.tell(`${name} connected`));
  node.on(
    "disconnect",
    ({ name, error }) => terminal.tell(`${name} ${error === undefined ? "disconnected" : "was lost"}`),
  );
  node.on(
    "gpmd",
    ({ state }) => terminal.tell(state === "lost" ? "GPMD is gone, trying again" : "GPMD is back"),
  );
  door.ask = ({ name }) => terminal.confirm(`${name} wants to connect. Accept?`, ASK_TIME);
  node.warm().catch(() => {
    // The first call says why.
  });
  await terminal.run(stop);
  return 0;
}
