import { red, yellow } from "@std/fmt/colors";
import type { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../peers/peers_options.ts";
import type { History } from "../repl/terminal/history.ts";
import { parse } from "../repl/language/parser.ts";
import { KeyInput } from "../repl/terminal/key_input.ts";
import type { KeySource } from "../repl/terminal/key_source.ts";
import { OutputModes } from "../repl/terminal/output_modes.ts";
import { STANDARD_SCREEN } from "../repl/terminal/screen.ts";
import type { OutputStream } from "../engine/output.ts";
import { pathsFrom } from "./load_paths.ts";
import { PlainInput } from "../repl/terminal/plain_input.ts";
import { Terminal } from "../repl/terminal/terminal.ts";
import { columns, complain, isTerminal, say } from "../../gmp/command/console.ts";
import { StandardConsole } from "./repl_console.ts";

/** Milliseconds after which an unanswered question counts as no. */
const ASK_TIME = 30_000;

/** What the prompt needs. */
interface PromptOptions {
  /** The lines of earlier runs. */
  readonly history: History;
  /** Whether the terminal cannot move its cursor, or is not where lines would be drawn. */
  readonly plain: boolean;
  /** Receives the function that asks the person whether a node may connect. */
  readonly askWith: (ask: AcceptPeer) => void;
}

/** At a prompt: what a module did to the terminal is undone. */
class PromptConsole extends StandardConsole {
  readonly #modes = new OutputModes();

  override write(bytes: Uint8Array, stream: OutputStream): void {
    if (this.terminals.includes(stream)) this.#modes.saw(bytes, stream);
    super.write(bytes, stream);
  }

  restore(): void {
    STANDARD_SCREEN.write(this.#modes.restore());
  }
}

/** The signals that end a prompt as `exit` does, so that the terminal is left as it was, and the exit codes then. */
const ENDING = Deno.build.os === "windows"
  ? []
  : [["SIGTERM", 143], ["SIGHUP", 129], ["SIGQUIT", 131]] as const;

/** What is typed; calls `awaited` when it is first waited for, which is when the prompt is drawn. */
function keysFrom(source: KeySource, awaited: () => void): KeySource {
  let isAwaited = false;
  return {
    read: (bytes) => {
      const read = source.read(bytes);
      if (!isAwaited) awaited();
      isAwaited = true;
      return read;
    },
    setRaw: (mode, options) => source.setRaw(mode, options),
    isTerminal: () => source.isTerminal(),
  };
}

/** `colour` where `stream` is a terminal. */
function colourOn(stream: OutputStream, colour: (text: string) => string): (text: string) => string {
  return isTerminal(stream) ? colour : String;
}

/** `gvm` at a terminal: the prompt, until the person leaves or a signal. Returns the exit code. */
export async function runPrompt(node: GhostNode, options: PromptOptions): Promise<number> {
  const { history, plain, askWith } = options;
  say(`GVM has been created ${node.name} (${node.id})`);
  const shown = [
    node,
    {
      keepGoing: false,
      complain,
      get columns() {
        return columns("stderr");
      },
    },
    colourOn("stdout", yellow),
  ] as const;
  // Starting a process takes as long as drawing the prompt, and nobody calls anything before.
  const keys = keysFrom(Deno.stdin, () =>
    node.warm().catch(() => {
      // The first call says why.
    }));
  const terminal = new Terminal({
    node,
    input: plain ? new PlainInput(keys) : new KeyInput(keys, history.lines),
    console: plain ? new StandardConsole(...shown) : new PromptConsole(...shown),
    files: pathsFrom,
    history,
    parse,
    complain,
    paint: colourOn("stderr", red),
  });
  askWith(({ name }, signal) =>
    terminal.confirm(`${name} wants to connect. Accept?`, ASK_TIME, signal, `${name} no longer asks`)
  );
  const ended = new AbortController();
  let code = 0;
  const listeners = ENDING.map(([name, its]) =>
    [name, () => {
      code = its;
      ended.abort();
    }] as const
  );
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  try {
    await terminal.run(ended.signal);
    return code;
  } finally {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  }
}
