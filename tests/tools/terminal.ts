/**
 * A real terminal for tests: tmux, with a server of its own for each. Keys are typed as a person types them, and what is on
 * the screen is what that person would see.
 *
 * ```ts
 * import { Terminal } from "./terminal.ts";
 *
 * await using terminal = await Terminal.start(["gvm"], { env: {} });
 * await terminal.until((screen) => screen.endsWith("> "));
 * await terminal.type("Node.list()");
 * await terminal.press("Enter");
 * ```
 */
import { join } from "@std/path";
import { childrenOf, isRunning, signalProcess } from "../gvm/harness.ts";
import { eventually, PATIENCE } from "./commands.ts";
import { Tmux } from "./tmux.ts";

/** How a terminal is started. */
export interface TerminalOptions {
  /** Variables beside those of the tests; `undefined` takes one away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Columns, 80 by default. */
  readonly columns?: number;
  /** Rows, 50 by default: what a test reads should not scroll away. */
  readonly rows?: number;
}

/** Why there is no terminal to test with, or `undefined` when there is. */
export async function whyNoTerminal(): Promise<string | undefined> {
  try {
    await new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" }).output();
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "tmux (Debian's package of that name) is not installed";
    throw error;
  }
}

/** See the head of this file. */
export class Terminal implements AsyncDisposable {
  readonly #directory: string;
  readonly #server: Tmux;
  /** The process that runs the command. */
  readonly #shell: number;
  readonly #tty: string;

  private constructor(directory: string, server: Tmux, shell: number, tty: string) {
    this.#directory = directory;
    this.#server = server;
    this.#shell = shell;
    this.#tty = tty;
  }

  /** Starts `command` in a terminal. */
  static async start(command: readonly string[], options: TerminalOptions): Promise<Terminal> {
    const { env, columns = 80, rows = 50 } = options;
    const taken = Object.keys(env).filter((name) => env[name] === undefined);
    const given = Object.entries(env).filter(([, value]) => value !== undefined);
    // The command's exit code stays on the screen: tmux would close the terminal.
    const line = [
      "env",
      ...taken.flatMap((name) => ["-u", name]),
      ...given.map(([name, value]) => `${name}=${value}`),
      ...command,
    ].map(quoted).join(" ");
    const directory = await Deno.makeTempDir({ prefix: "ghost-terminal-" });
    const server = await Tmux.start(
      join(directory, "socket"),
      ["new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, `${line}; echo "[$?]"; cat`],
    );
    const [shell, tty] = (await server.ask("display-message", "-p", "#{pane_pid} #{pane_tty}")).split(" ");
    return new Terminal(directory, server, Number(shell), tty!);
  }

  /** What is on the screen, without what is empty at the ends of lines and at its end. */
  async screen(): Promise<string> {
    return (await this.#server.ask("capture-pane", "-p")).replace(/\s+$/, "");
  }

  /** The same with what has scrolled away, each line whole, however many rows it has. */
  async lines(): Promise<string[]> {
    const text = await this.#server.ask("capture-pane", "-p", "-J", "-S", "-");
    return text.trimEnd().split("\n").map((line) => line.trimEnd());
  }

  /** The same with the escape sequences of its colours. */
  async colours(): Promise<string> {
    return (await this.#server.ask("capture-pane", "-p", "-e")).replace(/\s+$/, "");
  }

  /** Column and row of the cursor, from 0. */
  async #cursor(): Promise<[number, number]> {
    const text = await this.#server.ask("display-message", "-p", "#{cursor_x} #{cursor_y}");
    const [column, row] = text.trim().split(" ").map(Number);
    return [column!, row!];
  }

  /** The processes that run in it, by their ids. */
  processes(): number[] {
    const found = [this.#shell];
    for (const pid of found) found.push(...childrenOf(pid));
    return found;
  }

  /** Waits until the screen is as `wanted` says, and returns it. */
  async until(
    wanted: string | RegExp | ((screen: string) => boolean | Promise<boolean>),
  ): Promise<string> {
    const holds = typeof wanted === "function"
      ? wanted
      : typeof wanted === "string"
      ? (screen: string) => screen.includes(wanted)
      : (screen: string) => wanted.test(screen);
    const giveUp = performance.now() + PATIENCE;
    for (;;) {
      const seen = this.#server.changes;
      const screen = await this.screen();
      if (await holds(screen)) return screen;
      const left = giveUp - performance.now();
      if (left < 0) throw new Error(`${wanted} did not come about; the screen is:\n${screen}`);
      await this.#server.changedSince(seen, left);
    }
  }

  /** Waits until the cursor is at that column and row, from 0: a moment after what is on the screen. */
  async cursorAt(column: number, row: number): Promise<void> {
    let cursor: number[] = [];
    await this.until(async () => {
      cursor = await this.#cursor();
      return cursor[0] === column && cursor[1] === row;
    }).catch((error) => {
      throw new Error(`The cursor is at ${cursor}, not ${[column, row]}: ${error.message}`);
    });
  }

  /** Types `text`, character by character. */
  async type(text: string): Promise<void> {
    await this.#server.ask("send-keys", "-l", text);
  }

  /** Presses keys by their names in tmux: `Enter`, `Tab`, `Up`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#server.ask("send-keys", ...keys);
  }

  /** Pastes `text` in one piece, as from a clipboard: between brackets for a program that asked for them. */
  async paste(text: string): Promise<void> {
    const file = join(this.#directory, "paste");
    await Deno.writeTextFile(file, text);
    await this.#server.ask("load-buffer", file);
    await this.#server.ask("paste-buffer", "-p");
  }

  /** Changes the size, and waits until programs can know: tmux tells them a moment after it has broken its lines anew. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#server.ask("resize-window", "-x", `${columns}`, "-y", `${rows}`);
    await eventually("the new size", async () => {
      const { stdout } = await new Deno.Command("stty", { args: ["-F", this.#tty, "size"] }).output();
      return new TextDecoder().decode(stdout).trim() === `${rows} ${columns}`;
    });
  }

  /**
   * Closes the terminal: whatever runs in it gets SIGHUP, and has to end by it. So does what runs in a further terminal, which
   * `script` makes, and does not close with this one.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const processes = this.processes().map(describe);
    await this.#server.close();
    await Deno.remove(this.#directory, { recursive: true });
    const closed = [NO_TERMINAL, processes[0]!.terminal];
    for (const { pid, terminal } of processes) {
      if (!closed.includes(terminal)) signalProcess(pid, "SIGHUP");
    }
    const left = () => processes.filter(({ pid }) => isRunning(pid));
    await eventually("the end of what ran in the terminal", () => left().length === 0).catch((error) => {
      const lines = left().map(({ pid, line }) => {
        signalProcess(pid, "SIGKILL");
        return `\n${pid} ${line}`;
      });
      throw new Error(`${error.message}; these were left:${lines.join("")}`);
    });
  }
}

/** What the kernel calls the terminal of a process that has none (proc(5), `tty_nr`). */
const NO_TERMINAL = "0";

/** A process: its terminal, and what it was started as. */
function describe(pid: number): { pid: number; terminal: string; line: string } {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const terminal = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[4]!;
    return { pid, terminal, line: Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ") };
  } catch {
    return { pid, terminal: NO_TERMINAL, line: "" }; // it has ended
  }
}

/** `word` as one word for a shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
