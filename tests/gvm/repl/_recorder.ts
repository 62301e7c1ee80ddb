/** Does lines as the command does, and keeps what is told of them. */
import { StandardConsole } from "../../../gvm/cli/repl_console.ts";
import type { GhostNode } from "../../../gvm/node/ghost_node.ts";
import { doLines, type LinesOutcome } from "../../../gvm/repl/lines.ts";

/** A console that keeps what it is told, in order. */
class Recorder extends StandardConsole {
  readonly told: string[];

  constructor(node: GhostNode) {
    const told: string[] = [];
    super(node, { keepGoing: false, complain: (text) => told.push(`! ${text}`) }, (result) => `= ${result}`);
    this.told = told;
  }

  readonly complain = (text: string): void => void this.told.push(`! ${text}`);

  override print(line: string): void {
    this.told.push(line);
  }

  override write(bytes: Uint8Array, stream: string): void {
    this.told.push(`${stream} ${JSON.stringify(new TextDecoder().decode(bytes))}`);
  }
}

/** Does `lines`; what was told of them, and how it went. */
export async function told(
  node: GhostNode,
  lines: readonly string[],
  { keepGoing = false, signal = new AbortController().signal } = {},
): Promise<{ told: string[] } & LinesOutcome> {
  const console = new Recorder(node);
  const result = await doLines(lines, node, console, { keepGoing, signal, complain: console.complain });
  return { told: console.told, ...result };
}
