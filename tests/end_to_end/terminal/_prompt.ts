/** What the tests at a terminal share: a daemon with modules, `gvm` at its prompt, and a shell that has both commands. */
import { join } from "@std/path";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { commandLine } from "../../tools/commands.ts";
import { freePorts, startDaemon, type TestDaemon, variables } from "../../tools/daemon_process.ts";
import { readModule } from "../../tools/network.ts";
import { Terminal, type TerminalOptions, whyNoTerminal } from "../../tools/terminal.ts";

const reason = await whyNoTerminal();
if (reason !== undefined) console.log(`Skipping the tests at a terminal: ${reason}`);

/** A test that is skipped where there is no terminal, or not what `possible` stands for. */
export function terminalTest(
  name: string,
  fn: (t: Deno.TestContext) => Promise<void>,
  possible = true,
): void {
  Deno.test({ name, ignore: reason !== undefined || !possible, fn });
}

/** A daemon with the modules of these tests. */
export async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of ["math", "counter", "greet", "program"]) {
    await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
  }
  return daemon;
}

/** `gvm` at a terminal, at its prompt. */
export async function prompt(
  daemon: TestDaemon,
  name: string,
  args: readonly string[] = [],
  options: Partial<TerminalOptions> = {},
): Promise<Terminal> {
  const env = { ...daemon.env, NO_COLOR: undefined, ...options.env };
  const terminal = await Terminal.start(commandLine("gvm", ["--name", name, ...args]), { ...options, env });
  await terminal.until(`(${name}) >`);
  return terminal;
}

/** Types `line` behind a prompt, waits for the next one, and returns what came between, line by line. */
export async function enterLines(terminal: Terminal, line: string): Promise<string[]> {
  const rows = (await terminal.screen()).split("\n").length;
  await terminal.type(line);
  await terminal.press("Enter");
  const screen = await terminal.until((screen) => {
    const lines = screen.split("\n");
    return lines.length > rows && /^(\$:|\([a-z0-9-]+\) >)$/.test(lines.at(-1)!);
  });
  return screen.split("\n").slice(rows, -1);
}

/** The same as one text. */
export async function enter(terminal: Terminal, line: string): Promise<string> {
  return (await enterLines(terminal, line)).join("\n");
}

/** A device of its own: shells at terminals, whose prompt is `$: ` and which have both commands on their PATH. */
export class Device implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "ghost-device-" });
  readonly settings = { home: join(this.directory, "store"), ...freePorts() };
  readonly #terminals: Terminal[] = [];

  constructor() {
    for (const command of ["gpmd", "gvm"] as const) {
      const line = commandLine(command, []).map((word) => `'${word}'`).join(" ");
      const path = join(this.directory, command);
      Deno.writeTextFileSync(path, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 });
    }
  }

  /** Variables for whatever runs on the device. */
  get variables(): Record<string, string> {
    const PATH = `${this.directory}:${Deno.env.get("PATH")}`;
    return { ...variables(this.settings), NO_COLOR: "1", PATH };
  }

  /** Opens a shell. */
  async open(shell: readonly string[] = ["sh", "-i"]): Promise<Terminal> {
    const env = { ...this.variables, PS1: "$: ", ENV: undefined };
    const terminal = await Terminal.start(shell, { env, columns: 100 });
    this.#terminals.push(terminal);
    await terminal.until(/\$:$/);
    return terminal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const terminal of this.#terminals) await terminal[Symbol.asyncDispose]();
    await GpmdClient.connect(this.settings).then((gpmd) => gpmd.kill(), () => {});
    await Deno.remove(this.directory, { recursive: true });
  }
}
