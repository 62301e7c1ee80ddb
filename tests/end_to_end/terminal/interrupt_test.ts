/** Stopping and leaving at the prompt: Ctrl-C, Ctrl-D, `exit`, and a terminal that is closed. */
import { assertEquals, assertMatch } from "@std/assert";
import { childrenOf, isRunning, processorTime } from "../../gvm/harness.ts";
import { eventually, GvmProcess } from "../../tools/commands.ts";
import { enter, prompt, startNetwork, terminalTest } from "./_prompt.ts";

terminalTest("what runs at the prompt is stopped and left", async (t) => {
  await using daemon = await startNetwork();

  await t.step("Ctrl-C stops a running call and empties a line, and the node lives on", async () => {
    await using terminal = await prompt(daemon, "node-0001");
    await terminal.type("program(busy, 4000000000)");
    await terminal.press("Enter");
    await terminal.until("\nbefore"); // its output comes while it runs
    await terminal.press("C-c");
    await terminal.until("before\n^C\nCANCELLED: The call was cancelled\n(node-0001) >");
    await terminal.type("Node.run(node-0001, counter.spin())");
    await terminal.press("Enter");
    await terminal.until("\nID:  ");
    await terminal.press("C-c");
    await terminal.until(/\nID: .*\n\^C\nCANCELLED: The call was cancelled\n\(node-0001\) >$/);
    await terminal.type("half a line");
    await terminal.until("> half a line");
    await terminal.press("C-c");
    await terminal.until((screen) => !screen.includes("half a line"));
    await terminal.type("x");
    await terminal.until("> x");
    await terminal.press("BSpace");
    await terminal.until(/\) >$/);
    await terminal.press("C-c");
    await terminal.until("\nTo leave, press Ctrl-D or type exit\n(node-0001) >");
    assertEquals(await enter(terminal, "math.sub(3,1)"), "2");
  });

  await t.step("a run on another node is shown as it is produced, and stopped by Ctrl-C", async () => {
    await using _other = await GvmProcess.start(daemon.env, "node-8399");
    await using terminal = await prompt(daemon, "node-0002");
    assertEquals(await enter(terminal, "Node.connect(node-8399)"), "node-8399");
    await terminal.type("Node.run(node-8399, program(busy, 4000000000))");
    await terminal.press("Enter");
    await terminal.until(/\nID: {2}[0-9a-f-]{36}\nbefore$/);
    await terminal.press("C-c");
    await terminal.until("\nCANCELLED: The call was cancelled\n(node-0002) >");
    assertMatch(
      await enter(terminal, "Node.run(node-8399,math.add(34,34))"),
      /^ID: {2}[0-9a-f-]{36}\nAdding Numbers From Wasm\.\.\.\n68$/,
    );
  });

  await t.step("a call that outlives its time is stopped, and the next one is answered", async () => {
    await using terminal = await prompt(daemon, "node-0003", ["--timeout=300"]);
    assertMatch(await enter(terminal, "counter.spin()"), /^TIME_LIMIT: /);
    assertEquals(await enter(terminal, "counter.next()"), "1");
  });

  await t.step("Ctrl-D and exit leave with a goodbye", async () => {
    await using first = await prompt(daemon, "node-0004");
    await first.press("C-d");
    await first.until("(node-0004) >\nGoodbye :(\n[0]");
    await using second = await prompt(daemon, "node-0005");
    await second.type("exit");
    await second.press("Enter");
    await second.until("(node-0005) > exit\nGoodbye :(\n[0]");
  });

  await t.step("a terminal that is closed takes the node and its executors along", async () => {
    for (const [name, line] of [["node-0006", "math.sub(3,1)"], ["node-0007", "counter.spin()"]] as const) {
      const terminal = await prompt(daemon, name);
      let processes: number[] = [];
      try {
        await terminal.type(line);
        await terminal.press("Enter");
        if (line === "math.sub(3,1)") await terminal.until(`\n2\n(${name}) >`);
        await eventually("an executor that has done something", () => {
          processes = terminal.processes();
          const [_shell, _node, ...executors] = processes;
          return executors.some((pid) => line === "math.sub(3,1)" || processorTime(pid) > 500);
        });
      } finally {
        await terminal[Symbol.asyncDispose]();
      }
      await eventually(`the end of all after ${line}`, () => !processes.some(isRunning));
    }
    await using gpmd = await daemon.connect();
    await eventually("the names are free", async () => (await gpmd.nodes()).length === 0);
    assertEquals(childrenOf(Deno.pid), [daemon.pid]);
  });
});
