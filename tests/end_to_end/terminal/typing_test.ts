/** Typing at the prompt: what is suggested and completed, what is remembered, and what goes on in the next line. */
import { assertEquals } from "@std/assert";
import { GvmProcess } from "../../tools/commands.ts";
import { enter, prompt, startNetwork, terminalTest } from "./_prompt.ts";

terminalTest("what is typed is suggested and completed", async (t) => {
  await using daemon = await startNetwork();
  await using _other = await GvmProcess.start(daemon.env, "node-8399");

  await t.step(
    "commands, nodes, modules, versions and functions are suggested, and Tab takes them",
    async () => {
      await using terminal = await prompt(daemon, "node-0001");
      await terminal.type("Node.con");
      await terminal.until("> Node.connect(");
      await terminal.press("Tab");
      await terminal.type("node-8");
      await terminal.until("> Node.connect(node-8399)");
      await terminal.press("Tab");
      await terminal.press("Enter");
      await terminal.until(/node-8399\n\(node-0001\) >$/);
      await terminal.type("ma");
      await terminal.until("> math");
      await terminal.press("Tab");
      await terminal.type("@");
      await terminal.until("> math@v0.0.1");
      await terminal.press("Tab");
      await terminal.type(".ad");
      await terminal.until("> math@v0.0.1.add(i32, i32) -> i32");
      await terminal.press("Right"); // of three functions whose names begin so, the one that is shown
      await terminal.type("1,");
      await terminal.until("> math@v0.0.1.add(1, i32) -> i32");
      await terminal.press("Tab"); // of a signature nothing is taken
      await terminal.type("2)");
      await terminal.press("Enter");
      await terminal.until("> math@v0.0.1.add(1,2)\nAdding Numbers From Wasm...\n\n3\n(node-0001) >");
      await terminal.type("Node.run(");
      await terminal.until("> Node.run(node-8399,");
      await terminal.press("Tab");
      await terminal.type("math.mu");
      await terminal.until("> Node.run(node-8399, math.mul(i32, i32) -> i32");
      await terminal.press("Tab");
      await terminal.type("6,7))");
      await terminal.press("Enter");
      await terminal.until(/\nID: {2}[0-9a-f-]{36}\n42\n\(node-0001\) >$/);
    },
  );

  await t.step("where there is a choice Tab lists it, and the right key takes what is shown", async () => {
    await using terminal = await prompt(daemon, "node-0002");
    await terminal.type("counter.");
    await terminal.until("> counter.next() -> i32");
    await terminal.press("Tab");
    await terminal.until(/\nnext\(\) -> i32\nreset\(\)\ndivmod\(i32, i32\) -> \(i32, i32\)\n/);
    await terminal.until(/\n\(node-0002\) > counter\.next\(\) -> i32$/);
    await terminal.press("Right", "Enter");
    await terminal.until("> counter.next()\n1\n(node-0002) >");
    await terminal.type("Node.d");
    await terminal.until("> Node.discover()");
    await terminal.press("Tab"); // what they have in common
    await terminal.type("n");
    await terminal.until("> Node.disconnect(");
    await terminal.press("C-u");
    await terminal.type("Node.dis");
    await terminal.until("> Node.discover()");
    await terminal.press("Tab", "Tab");
    await terminal.until(
      /\ndiscover\(\) +list the nodes of the network\ndisconnect\( +disconnect from a node\n/,
    );
  });

  await t.step("a node that comes while the line is typed is suggested", async () => {
    await using terminal = await prompt(daemon, "node-0003");
    await terminal.type("Node.connect(");
    await terminal.until("> Node.connect(node-");
    await using _late = await GvmProcess.start(daemon.env, "late");
    // What is known is asked for again once a second, by a line that is being typed.
    await terminal.until(async (screen) => {
      if (screen.includes("> Node.connect(late)")) return true;
      await terminal.type("l");
      await terminal.press("BSpace");
      await new Promise((resolve) => setTimeout(resolve, 50)); // keys come no faster, held down
      return false;
    });
  });
});

terminalTest("lines are remembered, changed and continued", async (t) => {
  await using daemon = await startNetwork();

  await t.step("the history is there in the next session, for its owner only", async () => {
    {
      await using terminal = await prompt(daemon, "node-0001");
      await enter(terminal, "Node.discover()");
      await enter(terminal, "math.sub(3,1)");
      await terminal.press("C-d");
      await terminal.until("[0]");
    }
    assertEquals((await Deno.stat(`${daemon.settings.home}/history`)).mode! & 0o777, 0o600);
    await using terminal = await prompt(daemon, "node-0005");
    await terminal.type("mat");
    await terminal.press("Up", "Up");
    await terminal.until("> Node.discover()");
    await terminal.press("Down");
    await terminal.until("> math.sub(3,1)");
    await terminal.press("Down");
    await terminal.until(/> mat(h)?$/);
    await terminal.press("Up", "Enter");
    await terminal.until("> math.sub(3,1)\n2\n(node-0005) >");
  });

  await t.step("a line is changed where the cursor is", async () => {
    await using terminal = await prompt(daemon, "node-0002");
    await terminal.type("th.sub(3,1)");
    await terminal.press("Home");
    await terminal.type("ma");
    await terminal.press("End", "Left", "BSpace");
    await terminal.type("2");
    await terminal.until("> math.sub(3,2)");
    await terminal.cursorAt("(node-0002) > math.sub(3,2".length, 1);
    await terminal.press("Enter");
    await terminal.until("> math.sub(3,2)\n1\n(node-0002) >");
  });

  await t.step("an unfinished command goes on in the next line, until Ctrl-C or an empty line", async () => {
    await using terminal = await prompt(daemon, "node-0003");
    await terminal.type("math.sub(3,");
    await terminal.press("Enter");
    await terminal.until("> math.sub(3,\n........... >");
    await terminal.type("1)");
    await terminal.press("Enter");
    await terminal.until("\n........... > 1)\n2\n(node-0003) >");
    await terminal.press("Up"); // it is one line of the history
    await terminal.until("> math.sub(3, 1)");
    await terminal.press("C-u");
    await terminal.type("math.sub(");
    await terminal.press("Enter");
    await terminal.until(/math.sub\(\n\.+ >$/);
    await terminal.press("C-c");
    await terminal.until("> math.sub(\n(node-0003) >");
    await terminal.type('greet("two');
    await terminal.press("Enter");
    await terminal.until(/greet\("two\n\.+ >$/);
    await terminal.type('lines")');
    await terminal.press("Enter");
    await terminal.until("Hello, two\nlines!\n(node-0003) >");
    await terminal.type("math.add(1,");
    await terminal.press("Enter");
    await terminal.until(/math.add\(1,\n\.+ >$/);
    await terminal.press("Enter");
    await terminal.until("^ expected an argument\n(node-0003) >");
  });

  await t.step("lines that are pasted together are done one after the other", async () => {
    await using terminal = await prompt(daemon, "node-0004");
    await terminal.paste("Node.list()\nmath.sub(7,\n4)\nmath.sub(1,1)\nmath.mu");
    await terminal.until(
      [
        "(node-0004) > Node.list()",
        "",
        "(node-0004) > math.sub(7,",
        "........... > 4)",
        "3",
        "(node-0004) > math.sub(1,1)",
        "0",
        "(node-0004) > math.mul(i32, i32) -> i32",
      ].join("\n"),
    );
  });
});
