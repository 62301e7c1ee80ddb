import { assert, assertEquals, assertMatch } from "@std/assert";
import { childrenOf, isRunning } from "../harness.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { commandLine, eventually, GvmProcess } from "../../tools/commands.ts";
import { readModule } from "../../tools/network.ts";
import { Terminal, type TerminalOptions, whyNoTerminal } from "../../tools/terminal.ts";

const reason = await whyNoTerminal();
if (reason !== undefined) console.log(`Skipping the tests of the prompt at a terminal: ${reason}`);

/** A daemon with the modules of these tests. */
async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of ["math", "counter", "program"]) {
    await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
  }
  return daemon;
}

/** `gvm` at a terminal, at its prompt. */
async function prompt(
  daemon: TestDaemon,
  args: readonly string[] = [],
  options: Partial<TerminalOptions> = {},
): Promise<Terminal> {
  const env = { ...daemon.env, NO_COLOR: undefined, ...options.env };
  const terminal = await Terminal.start(commandLine("gvm", ["--name", "node-5488", ...args]), {
    ...options,
    env,
  });
  await terminal.until(/> *$/);
  return terminal;
}

/** What is on the screen below the banner once `line` was typed and the prompt is back. */
async function enter(terminal: Terminal, line: string): Promise<string> {
  const rows = (await terminal.screen()).split("\n").length;
  await terminal.type(line);
  await terminal.press("Enter");
  const screen = await terminal.until((screen) => {
    const lines = screen.split("\n");
    return lines.length > rows && /^\([a-z0-9-]+\) >$/.test(lines.at(-1)!);
  });
  return screen.split("\n").slice(rows, -1).join("\n");
}

function terminalTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: reason !== undefined, fn });
}

terminalTest("the banner and the prompt are those of the documents, and the name is drawn", async () => {
  await using daemon = await startNetwork();
  await using terminal = await Terminal.start(commandLine("gvm", []), { env: daemon.env });
  const screen = await terminal.until(/> *$/);
  assertMatch(screen, /^GVM has been created (node-\d{4}) \([0-9a-f-]{36}\)\n\(\1\) >$/);
  assertEquals(await terminal.cursor(), ["(node-5488) > ".length, 1]);
});

terminalTest("lines are done as they are typed, and a mistake points at itself", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon, [], { columns: 100 });
  assertEquals(await enter(terminal, "Node.discover()"), "node-5488");
  assertEquals(await enter(terminal, "math.add(1,2)"), "Adding Numbers From Wasm...\n\n3");
  assertEquals(
    await enter(terminal, "math.add(1,,2)"),
    `${" ".repeat("(node-5488) > math.add(1,".length)}^ expected an argument`,
  );
  assertEquals(
    await enter(terminal, "nothing"),
    'MODULE_NOT_FOUND: Cannot find module "nothing": no module of that name was uploaded',
  );
});

terminalTest("results and errors are coloured, and nothing is with NO_COLOR", async () => {
  await using daemon = await startNetwork();
  for (const NO_COLOR of [undefined, "1"]) {
    await using terminal = await prompt(daemon, [], { env: { NO_COLOR } });
    await enter(terminal, "math.sub(3,1)");
    await enter(terminal, "math.div(1,0)");
    await enter(terminal, "math.add(1,,2)");
    const colours = await terminal.colours();
    if (NO_COLOR === "1") assert(!colours.includes("\x1b"), JSON.stringify(colours));
    else {
      const [yellow, red, plain] = ["\x1b[33m", "\x1b[31m", "\x1b[39m"];
      for (const coloured of [`${yellow}2`, `${red}TRAP${plain}: `, `${red}${" ".repeat(25)}^ expected`]) {
        assert(colours.includes(coloured), JSON.stringify(colours));
      }
    }
  }
});

terminalTest("Tab completes commands, nodes, modules and functions, whose signatures are shown", async () => {
  await using daemon = await startNetwork();
  await using _other = await GvmProcess.start(daemon.env, "node-8399");
  await using terminal = await prompt(daemon);
  await terminal.type("Node.con");
  await terminal.until("> Node.connect(");
  await terminal.press("Tab");
  await terminal.type("node-8");
  await terminal.until("> Node.connect(node-8399)");
  await terminal.press("Tab");
  await terminal.press("Enter");
  await terminal.until(/node-8399\n\(node-5488\) >$/);
  await terminal.type("ma");
  await terminal.until("> math");
  await terminal.press("Tab");
  await terminal.type(".ad");
  await terminal.until("> math.add(i32, i32) -> i32");
  await terminal.press("Tab");
  await terminal.type("1,");
  await terminal.until("> math.add(1, i32) -> i32");
  await terminal.press("Tab"); // of a signature nothing is taken
  await terminal.type("2)");
  await terminal.press("Enter");
  await terminal.until("> math.add(1,2)\nAdding Numbers From Wasm...\n\n3\n(node-5488) >");
});

terminalTest("the history is there in the next session", async () => {
  await using daemon = await startNetwork();
  {
    await using terminal = await prompt(daemon);
    await enter(terminal, "Node.discover()");
    await enter(terminal, "math.sub(3,1)");
    await terminal.press("C-d");
    await terminal.until("[0]");
  }
  await using terminal = await prompt(daemon);
  await terminal.press("Up", "Up");
  await terminal.until("> Node.discover()");
  await terminal.press("Down");
  await terminal.until("> math.sub(3,1)");
  await terminal.press("Enter");
  await terminal.until("> math.sub(3,1)\n2\n(node-5488) >");
});

terminalTest("Ctrl-C stops a running call and empties a line, and the node lives on", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon);
  await terminal.type("program(busy, 4000000000)");
  await terminal.press("Enter");
  await terminal.until("\nbefore"); // its output comes while it runs
  await terminal.press("C-c");
  await terminal.until("before\n^C\nCANCELLED: The call was cancelled\n(node-5488) >");
  await terminal.type("half a line");
  await terminal.until("> half a line");
  await terminal.press("C-c");
  await terminal.until((screen) => !screen.includes("half a line"));
  await terminal.press("C-c");
  await terminal.until("\nTo leave, press Ctrl-D or type exit\n(node-5488) >");
  assertEquals(await enter(terminal, "math.sub(3,1)"), "2");
});

terminalTest("Ctrl-D and exit leave with a goodbye", async () => {
  await using daemon = await startNetwork();
  await using first = await prompt(daemon);
  await first.press("C-d");
  await first.until("(node-5488) >\nGoodbye :(\n[0]");
  await using second = await prompt(daemon);
  await second.type("exit");
  await second.press("Enter");
  await second.until("(node-5488) > exit\nGoodbye :(\n[0]");
});

terminalTest("an unfinished command goes on in the next line, until Ctrl-C or an empty line", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon);
  await terminal.type("math.sub(3,");
  await terminal.press("Enter");
  await terminal.until("> math.sub(3,\n........... >");
  await terminal.type("1)");
  await terminal.press("Enter");
  await terminal.until("\n........... > 1)\n2\n(node-5488) >");
  await terminal.type("math.sub(");
  await terminal.press("Enter");
  await terminal.until(/math.sub\(\n\.+ >$/);
  await terminal.press("C-c");
  await terminal.until("> math.sub(\n(node-5488) >");
  await terminal.type("math.add(1,");
  await terminal.press("Enter");
  await terminal.until(/math.add\(1,\n\.+ >$/);
  await terminal.press("Enter");
  await terminal.until("^ expected an argument\n(node-5488) >");
});

terminalTest("lines that are pasted together are done one after the other", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon);
  await terminal.paste("Node.discover()\nmath.sub(7,\n4)\nmath.sub(1,1)\nmath.mu");
  await terminal.until(
    [
      "(node-5488) > Node.discover()",
      "node-5488",
      "(node-5488) > math.sub(7,",
      "........... > 4)",
      "3",
      "(node-5488) > math.sub(1,1)",
      "0",
      "(node-5488) > math.mul(i32, i32) -> i32",
    ].join("\n"),
  );
});

terminalTest("what happens meanwhile is told at once, and the line being typed stays whole", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon);
  await terminal.type("math.sub(3");
  await terminal.until("> math.sub(3");
  {
    await using other = await GvmProcess.start(daemon.env, "node-8399");
    assertEquals(await other.ask("Node.connect(node-5488)"), ["node-5488"]);
    await terminal.until(/\nnode-8399 connected\n\(node-5488\) > math\.sub\(3.*$/);
  }
  await terminal.until(/\nnode-8399 disconnected\n\(node-5488\) > math\.sub\(3.*$/);
  await terminal.type(",1)");
  await terminal.press("Enter");
  await terminal.until("\n(node-5488) > math.sub(3,1)\n2\n(node-5488) >");
});

terminalTest("GPMD that goes away is told once, and that it is back", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon);
  Deno.kill(daemon.pid, "SIGKILL");
  await terminal.until("\nGPMD is gone, trying again\n(node-5488) >");
  assertMatch(
    await enter(terminal, "Node.discover()"),
    /^GPMD_NOT_RUNNING: GPMD is not running on this device/,
  );
  await using _again = await startDaemon(daemon.settings);
  const screen = await terminal.until("\nGPMD is back\n(node-5488) >");
  assertEquals(screen.split("GPMD is gone").length, 2);
  assertEquals(await enter(terminal, "Node.discover()"), "node-5488");
});

terminalTest("a remote run is shown as it is produced", async () => {
  await using daemon = await startNetwork();
  await using _other = await GvmProcess.start(daemon.env, "node-8399");
  await using terminal = await prompt(daemon);
  assertEquals(await enter(terminal, "Node.connect(node-8399)"), "node-8399");
  await terminal.type("Node.run(node-8399, program(busy, 4000000000))");
  await terminal.press("Enter");
  await terminal.until(/\nID: {2}[0-9a-f-]{36}\nbefore$/);
  await terminal.press("C-c");
  await terminal.until("\nCANCELLED: The call was cancelled\n(node-5488) >");
  assertMatch(
    await enter(terminal, "Node.run(node-8399,math.add(34,34))"),
    /^ID: {2}[0-9a-f-]{36}\nAdding Numbers From Wasm\.\.\.\n68$/,
  );
});

terminalTest("with --accept=ask the person says who may connect", async () => {
  await using daemon = await startNetwork();
  await using other = await GvmProcess.start(daemon.env, "node-8399");
  await using terminal = await prompt(daemon, ["--accept=ask"]);
  const question = "node-8399 wants to connect. Accept? [y/N] >";
  await terminal.type("math.su");
  await terminal.until("> math.su");
  await other.type("Node.connect(node-5488)");
  await terminal.until(question);
  await terminal.press("Enter");
  assertEquals(
    await other.complaint(),
    'CONNECTION_DENIED: Cannot connect: "node-5488" denied the connection',
  );
  await terminal.until(/\n\(node-5488\) > math\.su.*$/);
  await other.type("Node.connect(node-5488)");
  await terminal.until((screen) => screen.endsWith(question));
  await terminal.type("y");
  await terminal.press("Enter");
  assertEquals(await other.lines(1), ["node-5488"]);
  await terminal.until(/\nnode-8399 connected\n\(node-5488\) > math\.su.*$/);
});

terminalTest("in 40 columns a long line wraps, and a mistake in it is shown with the line", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon, [], { columns: 40 });
  await terminal.type("math.add(1000000000, -1000000000)");
  await terminal.press("Enter");
  await terminal.until("Adding Numbers From Wasm...\n\n0\n(node-5488) >");
  await terminal.type("math.add(1000000000, , -1000000000)");
  await terminal.press("Enter");
  // The message is where there is room for it.
  const screen = await terminal.until(/expected an argument \^\n\(node-5488\) >$/);
  const lines = screen.split("\n");
  const caret = lines.findIndex((line) => line.includes("expected an"));
  assertEquals(lines[caret]!.indexOf("^"), lines[caret - 1]!.indexOf(", ,") + 2);
  assert(lines.every((line) => line.length <= 40));
});

terminalTest("at a dumb terminal nothing but text is written", async () => {
  await using daemon = await startNetwork();
  await using other = await GvmProcess.start(daemon.env, "node-8399");
  // What the terminal is sent is kept as well.
  const log = await Deno.makeTempFile({ prefix: "ghost-dumb-" });
  try {
    const command = commandLine("gvm", ["--name", "node-5488"]);
    const env = { ...daemon.env, TERM: "dumb", NO_COLOR: "1" };
    await using terminal = await Terminal.start(
      ["script", "-q", "-f", "-c", command.map((word) => `'${word}'`).join(" "), log],
      { env },
    );
    await terminal.until("(node-5488) >");
    assertEquals(await enter(terminal, "math.add(1,2)"), "Adding Numbers From Wasm...\n\n3");
    assertEquals(
      await enter(terminal, "math.add(1,,2)"),
      `${" ".repeat("(node-5488) > math.add(1,".length)}^ expected an argument`,
    );
    await other.ask("Node.connect(node-5488)");
    await terminal.until("\nnode-8399 connected\n(node-5488) >");
    await terminal.type("program(busy, 4000000000)");
    await terminal.press("Enter");
    await terminal.until("\nbefore");
    await terminal.press("C-c");
    await terminal.until("\nCANCELLED: The call was cancelled\n(node-5488) >");
    await terminal.press("C-d");
    await terminal.until("\nGoodbye :(");
    assert(!Deno.readTextFileSync(log).includes("\x1b"));
  } finally {
    await Deno.remove(log);
  }
});

terminalTest("a terminal that is closed takes the node and its executors along", async () => {
  await using daemon = await startNetwork();
  const terminal = await prompt(daemon);
  let processes: number[];
  try {
    assertEquals(await enter(terminal, "math.sub(3,1)"), "2");
    processes = await terminal.processes();
    assert(processes.length >= 3, `a shell, a node and its executor: ${processes}`);
  } finally {
    await terminal[Symbol.asyncDispose]();
  }
  await eventually("the end of all", () => !processes.some(isRunning));
  await using gpmd = await daemon.connect();
  await eventually("the name is free", async () => (await gpmd.nodes()).length === 0);
  assertEquals(childrenOf(Deno.pid), [daemon.pid]);
});
