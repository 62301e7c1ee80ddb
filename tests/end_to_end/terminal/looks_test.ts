/** How the prompt looks: errors with their carets, help, colours, narrow and dumb terminals, and files that are loaded. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { commandLine, GvmProcess } from "../../tools/commands.ts";
import { Terminal } from "../../tools/terminal.ts";
import { enter, enterLines, prompt, startNetwork, terminalTest } from "./_prompt.ts";

terminalTest("what is wrong is pointed at, and all is explained", async (t) => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon, "looker", [], { columns: 120, rows: 100 });

  await t.step("a caret stands under what is wrong", async () => {
    const before = "(looker) > ".length;
    for (
      const [line, wrong, message] of [
        ["math.add(1,,2)", ",2)", "expected an argument"],
        ["Node.conect(node-8399)", "conect", "there is no Node.conect; did you mean Node.connect?"],
        ["math.add(one)", "one", 'text must be in quotes: "one"'],
        ["Node.run(node-8399)", ")", 'expected "," and what to run'],
        ["math.add(1,2) math", "math", "expected the end of the line"],
        [".lod x", ".lod", "there is no .lod; did you mean .load?"],
      ] as const
    ) {
      const caret = `${" ".repeat(before + line.lastIndexOf(wrong))}^ ${message}`;
      assertEquals(await enter(terminal, line), caret);
    }
  });

  await t.step("an error is its code and a sentence, and says what was meant", async () => {
    for (
      const [line, error] of [
        [
          "maths",
          'MODULE_NOT_FOUND: Cannot find module "maths": no module of that name was uploaded; did you mean "math"?',
        ],
        ["math@v0.0.2", 'VERSION_NOT_FOUND: Cannot find version "v0.0.2" of module "math": there is v0.0.1'],
        [
          "math.ad(1,2)",
          "FUNCTION_NOT_FOUND: Cannot call ad: math@v0.0.1 exports no such function; did you mean add? there are add, sub, mul,\ndiv, addf, add64",
        ],
        ["math.add(1)", "BAD_ARGUMENTS: Cannot call add: it takes 2 arguments (i32, i32), not 1"],
        ["math.div(1,0)", "TRAP: math.div trapped: divide by zero"],
        ["program(exit, 3)", "program exited with code 3"],
        [
          "Node.connect(lookr)",
          'NODE_NOT_FOUND: Cannot find "lookr": no node of that name is registered; did you mean "looker"?',
        ],
        [
          "Node.run(x, math)",
          'NOT_CONNECTED: Cannot run on "x": it is not connected; first do Node.connect(x)',
        ],
      ] as const
    ) assertEquals(await enter(terminal, line), error);
  });

  await t.step("help lists every line, and explains each", async () => {
    await using terminal = await prompt(daemon, "node-0004", [], { rows: 100 });
    const all = await enterLines(terminal, "help");
    assertEquals(all[0], "MODULE(TEXT, ...)            run a module");
    assertEquals(all.slice(-4), [
      "help TOPIC explains more: help Node.run, help values, help math, help math.add",
      "Tab completes, the right arrow accepts the suggestion, Ctrl-C stops a call",
      "Ctrl-R finds earlier lines, Ctrl-L clears the screen, Ctrl-Y puts back what was",
      "cut",
    ]);
    const topics = ["Node.run", "Node.connect", "function", "values", ".load", "exit"];
    for (const topic of topics) assert((await enterLines(terminal, `help ${topic}`)).length >= 4, topic);
    assertEquals(await enterLines(terminal, "help Node.run"), [
      "Node.run(NODE, MODULE...)",
      "  Runs a module or calls a function on a connected node. Shows the ID of the",
      "  call, then the output and the result. Connect first: Node.connect(NODE)",
      "",
      "  Node.run(node-8399, math.add(34,34))",
    ]);
  });

  await t.step("the lines of a file are done as if they were typed, up to the first that fails", async () => {
    const directory = await Deno.makeTempDir({ prefix: "ghost-load-" });
    try {
      const good = join(directory, "good.ghost");
      const bad = join(directory, "bad.ghost");
      await Deno.writeTextFile(good, "// a comment\nmath.sub(3,1)\n\nmath.sub(\n9,\n2)\n");
      await Deno.writeTextFile(bad, `.load ${good}\nmath.sub(1,,1)\nmath.sub(5,1)\n`);
      assertEquals(await enterLines(terminal, `.load ${good}`), ["2", "7"]);
      assertEquals(await enterLines(terminal, `.load ${bad}`), [
        "2",
        "7",
        "math.sub(1,,1)",
        "           ^ expected an argument",
        `BAD_REQUEST: Cannot load "${bad}": line 2 failed`,
      ]);
      assertMatch(
        await enter(terminal, `.load ${directory}/none`),
        /^BAD_ARGUMENTS: Cannot load ".*": it does not exist$/,
      );
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

terminalTest("what a module prints leaves the prompt as it was", async () => {
  await using daemon = await startNetwork();
  await using terminal = await prompt(daemon, "node-0001");
  for (
    const codes of [
      "\\x1b[31;44m",
      "\\x1b(0",
      "\\x0e",
      "\\x1b[?25l",
      "\\x1b[?7l",
      "\\x1b[4h",
      "\\x1b]0;no end",
      "\\x1b[",
      "\\x1b[2;5r",
    ]
  ) {
    await terminal.type(`greet("${codes}")`);
    await terminal.until((screen) => screen.endsWith(`> greet("${codes}")`));
    await terminal.press("Enter");
    await terminal.until(/\n\(node-0001\) >$/);
    await terminal.type("math.sub(3,1)");
    await terminal.press("Enter");
    await terminal.until(/> math\.sub\(3,1\)\n2\n\(node-0001\) >$/);
    const rows = (await terminal.colours()).split("\n");
    assert(rows.at(-2)!.startsWith("\x1b[33m2"), JSON.stringify([codes, rows.at(-2)]));
    await terminal.press("C-l");
    await terminal.until(/^\(node-0001\) >$/);
  }
  // One that takes the whole screen gives it back.
  await terminal.type('greet("\\x1b[?1049h\\x1b[2J")');
  await terminal.press("Enter");
  await terminal.until(/^\(node-0001\) > greet[^]*\n\(node-0001\) >$/);
});

terminalTest("paths are completed after .load, and ~ is the home directory", async () => {
  await using daemon = await startNetwork();
  const home = await Deno.makeTempDir({ prefix: "ghost-load-" });
  try {
    await Deno.mkdir(join(home, "scripts"));
    await Deno.writeTextFile(join(home, "scripts", "setup.ghost"), "math.sub(3,1)\n");
    await using terminal = await prompt(daemon, "node-0001", [], { env: { HOME: home } });
    await terminal.type(".load ~/scr");
    await terminal.until(/> \.load ~\/scripts\/$/);
    await terminal.press("Tab");
    await terminal.type("se");
    await terminal.until(/> \.load ~\/scripts\/setup\.ghost$/);
    await terminal.press("Tab", "Enter");
    await terminal.until(/> \.load ~\/scripts\/setup\.ghost\n2\n\(node-0001\) >$/);
    // Behind a mistake nothing is suggested.
    for (const line of ["math.add(1,,", "Node.conect(n", "math.add(1) x"]) {
      await terminal.type(line);
      await terminal.type("1");
      await terminal.press("BSpace");
      await terminal.until((screen) => screen.endsWith(`> ${line}`));
      await terminal.press("C-u");
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
});

terminalTest("every terminal is served", async (t) => {
  await using daemon = await startNetwork();

  await t.step("results and errors are coloured, and nothing is with NO_COLOR", async () => {
    for (const NO_COLOR of [undefined, "1"]) {
      await using terminal = await prompt(daemon, `node-000${NO_COLOR ?? 2}`, [], { env: { NO_COLOR } });
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

  await t.step("in 40 columns a long line wraps, and a mistake in it is shown with the line", async () => {
    await using terminal = await prompt(daemon, "node-0003", [], { columns: 40 });
    await terminal.type("math.add(1000000000, -1000000000)");
    await terminal.press("Enter");
    await terminal.until("Adding Numbers From Wasm...\n\n0\n(node-0003) >");
    await terminal.type("math.add(1000000000, , -1000000000)");
    await terminal.press("Enter");
    // The message is where there is room for it.
    const screen = await terminal.until(/expected an argument \^\n\(node-0003\) >$/);
    const lines = screen.split("\n");
    const caret = lines.findIndex((line) => line.includes("expected an"));
    assertEquals(lines[caret]!.indexOf("^"), lines[caret - 1]!.indexOf(", ,") + 2);
    await terminal.type("help Node.run");
    await terminal.press("Enter");
    await terminal.until(/34,34\)\)\n\(node-0003\) >$/);
    await terminal.type("counter.");
    await terminal.until("counter.next() -> i32");
    await terminal.press("Tab");
    await terminal.until("\ndivmod(i32, i32) -> (i32, i32)\n");
    assert((await terminal.screen()).split("\n").every((line) => line.length <= 40));
  });

  await t.step("a terminal that becomes narrower keeps the line", async () => {
    await using terminal = await prompt(daemon, "node-0004");
    await terminal.type("math.sub(1000000000, 999999999");
    await terminal.until("999999999) -> i32");
    await terminal.resize(30, 50);
    await terminal.type(")");
    await terminal.press("Enter");
    await terminal.until(/\n1\n\(node-0004\) >$/);
  });

  await t.step("what goes elsewhere than to the terminal has no prompt and no escapes", async () => {
    const output = await Deno.makeTempFile({ prefix: "ghost-output-" });
    try {
      const command = commandLine("gvm", ["--name", "node-0006"]).map((word) => `'${word}'`).join(" ");
      const env = { ...daemon.env, NO_COLOR: undefined };
      await using terminal = await Terminal.start(["sh", "-c", `${command} > ${output}`], { env });
      await terminal.until(/^\(node-0006\) >$/);
      assertEquals(await enter(terminal, "math.sub(3,1)"), "");
      await terminal.press("C-d");
      await terminal.until(/\[0\]$/);
      assertMatch(
        Deno.readTextFileSync(output),
        /^GVM has been created node-0006 [^\n]*\n2\n\nGoodbye :\(\n$/,
      );
    } finally {
      await Deno.remove(output);
    }
  });

  await t.step("at a dumb terminal nothing but text is written", async () => {
    await using other = await GvmProcess.start(daemon.env, "node-8399");
    // What the terminal is sent is kept as well.
    const log = await Deno.makeTempFile({ prefix: "ghost-dumb-" });
    try {
      const command = commandLine("gvm", ["--name", "node-0005"]).map((word) => `'${word}'`).join(" ");
      const env = { ...daemon.env, TERM: "dumb", NO_COLOR: "1" };
      await using terminal = await Terminal.start(["script", "-q", "-f", "-c", command, log], { env });
      await terminal.until("(node-0005) >");
      assertEquals(await enter(terminal, "math.add(1,2)"), "Adding Numbers From Wasm...\n\n3");
      assertEquals(
        await enter(terminal, "math.add(1,,2)"),
        `${" ".repeat("(node-0005) > math.add(1,".length)}^ expected an argument`,
      );
      await other.ask("Node.connect(node-0005)");
      await terminal.until("\nnode-8399 connected\n(node-0005) >");
      await terminal.type("program(busy, 4000000000)");
      await terminal.press("Enter");
      await terminal.until("\nbefore");
      await terminal.press("C-c");
      await terminal.until("\nCANCELLED: The call was cancelled\n(node-0005) >");
      await terminal.press("C-d");
      await terminal.until("\nGoodbye :(");
      assert(!Deno.readTextFileSync(log).includes("\x1b"));
    } finally {
      await Deno.remove(log);
    }
  });
});
