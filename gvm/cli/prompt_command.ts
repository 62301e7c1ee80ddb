import { yellow } from "@std/fmt/colors";
import type { GhostNode } from "../node/ghost_node.ts";
import type { AcceptPeer } from "../peers/peers.ts";
import type { History } from "../repl/terminal/history.ts";
import { parse } from "../repl/language/parser.ts";
import { KeyInput } from "../repl/terminal/key_input.ts";
import { PlainInput } from "../repl/terminal/plain_input.ts";
import { Terminal } from "../repl/terminal/terminal.ts";
import { complain, print } from "../../gmp/command/console.ts";
import { StandardConsole } from "./repl_console.ts";

/** Milliseconds after which an unanswered question counts as no. */
const ASK_TIME = 30_000;

/** What the prompt needs. */
interface PromptOptions {
  /** The lines of earlier runs. */
  readonly history: History;
  /** Whether the terminal cannot move its cursor. */
  readonly plain: boolean;
  /** Receives the function that asks the person whether a node may connect. */
  readonly askWith: (ask: AcceptPeer) => void;
}

/** `gvm` at a terminal: the prompt, until the person leaves or `stop`. */
export async function runPrompt(node: GhostNode, options: PromptOptions, stop: AbortSignal): Promise<void> {
  const { history, plain, askWith } = options;
  print(`GVM has been created ${node.name} (${node.id})`);
  const terminal = new Terminal({
    node,
    input: plain ? new PlainInput(Deno.stdin) : new KeyInput(Deno.stdin, history.lines),
    console: new StandardConsole(node, { keepGoing: false, complain }, yellow),
    history,
    parse,
    complain,
  });
  askWith(({ name }) => terminal.confirm(`${name} wants to connect. Accept?`, ASK_TIME));
  node.warm().catch(() => {
    // The first call says why.
  });
  await terminal.run(stop);
}
