/** What signals leave of the terminal: Ctrl-Z and `fg`, SIGQUIT, SIGHUP, a window that shrinks, and Ctrl-C under `deno task`. */
import { assertEquals } from "@std/assert";
import { isRunning } from "../../gvm/harness.ts";
import { GvmProcess, ROOT } from "../../tools/commands.ts";
import { Terminal } from "../../tools/terminal.ts";
import { Device, enter, prompt, startNetwork, terminalTest } from "./_prompt.ts";

/** A shell with job control at a device with a daemon. */
async function bash(device: Device): Promise<Terminal> {
  const terminal = await device.open(["bash", "--norc", "--noprofile", "-i"]);
  await enter(terminal, "gpmd start");
  return terminal;
}

/** Whether the terminal echoes what is typed, as it does at the shell's own commands. */
async function isCooked(terminal: Terminal): Promise<boolean> {
  const text = await enter(
    terminal,
    "stty -a < /dev/tty | grep -ow -e '-*icanon' -e '-*echo' | tr '\\n' ' '; echo",
  );
  return /(^| )icanon/.test(text) && /(^| )echo/.test(text);
}

/** The process of `gvm` in the terminal: the one that runs its executors. */
async function nodeOf(terminal: Terminal, name: string): Promise<number> {
  for (const pid of terminal.processes()) {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`);
    if (line.includes(`--name\0${name}\0`)) return pid;
  }
  throw new Error(`${name} does not run`);
}

terminalTest("the terminal is as it was after a stop, and after an end", async (t) => {
  await using device = new Device();
  const terminal = await bash(device);

  await t.step("Ctrl-Z stops the node, and fg goes on with the line and its keys", async () => {
    await terminal.type("gvm --name node-0001");
    await terminal.press("Enter");
    await terminal.until(/\(node-0001\) >$/);
    await terminal.type("Node.lisst()");
    await terminal.until(/> Node\.lisst\(\)$/);
    await terminal.press("Left", "Left", "Left");
    // The terminal forgets what nobody has read when Ctrl-Z comes.
    await terminal.cursorAt("(node-0001) > Node.liss".length, 4);
    await terminal.press("C-z");
    await terminal.until(/Stopped[^\n]*\n\$:$/);
    assertEquals(await isCooked(terminal), true);
    await terminal.type("fg");
    await terminal.press("Enter");
    await terminal.until(/\n\(node-0001\) > Node\.lisst\(\)$/);
    await terminal.press("BSpace"); // keys again, and where the cursor was
    await terminal.until(/\n\(node-0001\) > Node\.list\(\)$/);
    await terminal.press("C-u", "C-k");
    await terminal.until(/\n\(node-0001\) >$/);
    await terminal.press("C-d");
    await terminal.until(/Goodbye :\(\n\$:$/);
  });

  for (const [signal, code] of [["SIGQUIT", 131], ["SIGHUP", 129], ["SIGTERM", 143]] as const) {
    await t.step(`${signal} leaves a terminal that echoes`, async () => {
      await terminal.type(`gvm --name ${signal.toLowerCase()}`);
      await terminal.press("Enter");
      await terminal.until(new RegExp(`\\(${signal.toLowerCase()}\\) >$`));
      const pid = await nodeOf(terminal, signal.toLowerCase());
      if (signal === "SIGQUIT") await terminal.press("C-\\");
      else Deno.kill(pid, signal);
      await terminal.until(/Goodbye :\(\n\$:$/);
      assertEquals(await enter(terminal, "echo $?"), `${code}`);
      assertEquals(await isCooked(terminal), true);
      assertEquals(isRunning(pid), false);
    });
  }
});

terminalTest("the window and the keys around the line", async (t) => {
  await using daemon = await startNetwork();

  await t.step("a window that shrinks and grows again leaves no old rows", async () => {
    await using terminal = await prompt(daemon, "node-0001");
    await enter(terminal, "math.sub(3,1)");
    await terminal.type("math.sub(1000000000, 2000000000) // and so on, and so on");
    await terminal.until(/and so on$/);
    const before = await terminal.lines();
    assertEquals(before.slice(1), [
      "(node-0001) > math.sub(3,1)",
      "2",
      "(node-0001) > math.sub(1000000000, 2000000000) // and so on, and so on",
    ]);
    for (const columns of [30, 80, 47, 20, 60]) {
      await terminal.resize(columns, 50);
      // Drawn again, once at least, at the new size.
      await terminal.type("!");
      await terminal.until((screen) => screen.endsWith("!"));
      await terminal.press("BSpace");
      await terminal.until((screen) => !screen.endsWith("!"));
      assertEquals(await terminal.lines(), before, `${columns} columns`);
    }
  });

  await t.step("Ctrl-L leaves the line at the top of an empty screen", async () => {
    await using terminal = await prompt(daemon, "node-0002");
    await enter(terminal, "math.sub(3,1)");
    await terminal.type("math.sub(9,2)");
    await terminal.until(/9,2\)$/);
    await terminal.press("Left", "C-l");
    await terminal.until((screen) => screen === "(node-0002) > math.sub(9,2)");
    await terminal.cursorAt("(node-0002) > math.sub(9,2".length, 0);
    await terminal.press("Enter");
    await terminal.until("\n7\n(node-0002) >");
  });

  await t.step(
    "Ctrl-R finds a line, Ctrl-Y puts back what was cut, Alt-B and Alt-F go by words",
    async () => {
      await using terminal = await prompt(daemon, "node-0003");
      await enter(terminal, "math.sub(3,1)");
      await enter(terminal, "Node.list()");
      await terminal.press("C-r");
      await terminal.type("su");
      await terminal.until(/\nsearch "su": math\.sub\(3,1\)$/);
      await terminal.press("Enter");
      await terminal.until(/\n\(node-0003\) > math\.sub\(3,1\)\n2\n\(node-0003\) >$/);
      await terminal.type("(9,2)math.sub");
      await terminal.press("M-b", "M-b", "C-k", "C-a", "C-y", "M-f", "M-f", "Enter");
      await terminal.until(/> math\.sub\(9,2\)\n7\n\(node-0003\) >$/);
    },
  );

  await t.step(
    "Tab at an empty line lists what it can be, and is not written over by a parenthesis",
    async () => {
      await using terminal = await prompt(daemon, "node-0004");
      await terminal.press("Tab");
      await terminal.until(
        /\nNode\.discover\(\) +list the nodes[^]*\nmath +module v0\.0\.1\n([^]*\n)?\(node-0004\) >$/,
      );
      await terminal.type("Node.li");
      await terminal.until(/> Node\.list\(\)$/);
      await terminal.press("Tab");
      await terminal.type(")");
      await terminal.press("Enter");
      await terminal.until(/> Node\.list\(\)\n\n\(node-0004\) >$/);
    },
  );

  await t.step("without colours brackets tell a hint from what was typed", async () => {
    await using terminal = await prompt(daemon, "node-0005", [], { env: { NO_COLOR: "1" } });
    await terminal.type("math.su");
    await terminal.until(/> math\.su\[b\(i32, i32\) -> i32\]$/);
    await terminal.press("Right");
    await terminal.type("3,1)");
    await terminal.press("Enter");
    await terminal.until(/> math\.sub\(3,1\)\n2\n\(node-0005\) >$/);
  });

  await t.step("a question ends when the asker has gone", async () => {
    await using terminal = await prompt(daemon, "node-0006", ["--accept=ask"]);
    await terminal.type("math.su");
    const other = await GvmProcess.start(daemon.env, "node-8399");
    await other.type("Node.connect(node-0006)");
    await terminal.until(/node-8399 wants to connect\. Accept\? \[y\/N\] >$/);
    other.kill("SIGKILL");
    await terminal.until(/\nnode-8399 no longer asks\n\(node-0006\) > math\.sub.*$/);
    await other[Symbol.asyncDispose]();
  });

  await t.step("one Ctrl-C under deno task is told once", async () => {
    const command = ["deno", "task", "--quiet", `--config=${ROOT}deno.json`, "gvm", "--name", "node-0007"];
    await using terminal = await Terminal.start(command, { env: { ...daemon.env, NO_COLOR: undefined } });
    await terminal.until(/\(node-0007\) >$/);
    await terminal.press("C-c");
    await terminal.until(/\nTo leave[^\n]*\n\(node-0007\) >$/);
    assertEquals(await enter(terminal, "math.sub(3,1)"), "2");
    assertEquals((await terminal.screen()).split("To leave").length, 2);
    await terminal.type("program(busy, 4000000000)");
    await terminal.press("Enter");
    await terminal.until(/\nbefore$/);
    await terminal.press("C-c");
    await terminal.until(/\n\^C\nCANCELLED: The call was cancelled\n\(node-0007\) >$/);
    assertEquals(await enter(terminal, "math.sub(9,2)"), "7");
    assertEquals((await terminal.screen()).split("To leave").length, 2);
  });
});
