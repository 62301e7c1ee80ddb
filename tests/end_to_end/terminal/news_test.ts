/** What happens while a line is typed is told at once, and the line stays whole. */
import { assertEquals, assertMatch } from "@std/assert";
import { eventually, GvmProcess } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { enter, prompt, startNetwork, terminalTest } from "./_prompt.ts";

terminalTest("news do not tear the line that is typed", async (t) => {
  await using daemon = await startNetwork();

  await t.step("a node that comes and goes is told above the line", async () => {
    await using terminal = await prompt(daemon, "node-0001");
    await terminal.type("math.sub(3");
    await terminal.until("> math.sub(3");
    {
      await using other = await GvmProcess.start(daemon.env, "node-8399");
      assertEquals(await other.ask("Node.connect(node-0001)"), ["node-0001"]);
      await terminal.until(/\nnode-8399 connected\n\(node-0001\) > math\.sub\(3, i32\) -> i32$/);
      await terminal.cursorAt("(node-0001) > math.sub(3".length, 2);
    }
    await terminal.until(/\nnode-8399 disconnected\n\(node-0001\) > math\.sub\(3, i32\) -> i32$/);
    await terminal.type(",1)");
    await terminal.press("Enter");
    await terminal.until("\n(node-0001) > math.sub(3,1)\n2\n(node-0001) >");
  });

  await t.step("in 40 columns a line that wraps is whole again below the news", async () => {
    await using terminal = await prompt(daemon, "node-0002", [], { columns: 40 });
    await terminal.type("math.sub(1000000000, -1000000000");
    await terminal.until("(node-0002) > math.sub(1000000000, -1000\n000000");
    await using other = await GvmProcess.start(daemon.env, "node-8399");
    await other.ask("Node.connect(node-0002)");
    const screen = await terminal.until(
      "\nnode-8399 connected\n(node-0002) > math.sub(1000000000, -1000\n000000) -> i32",
    );
    assertEquals(screen.split("math.sub(").length, 2);
    await terminal.type(")");
    await terminal.press("Enter");
    await terminal.until("\n2000000000\n(node-0002) >");
  });

  await t.step("in the second line of a command news leave both lines whole", async () => {
    await using terminal = await prompt(daemon, "node-0003");
    await terminal.type("math.sub(");
    await terminal.press("Enter");
    await terminal.type("3,");
    await terminal.until("> math.sub(\n........... > 3,");
    await using other = await GvmProcess.start(daemon.env, "node-8399");
    await other.ask("Node.connect(node-0003)");
    await terminal.until("\nnode-8399 connected\n........... > 3,");
    await terminal.type("1)");
    await terminal.press("Enter");
    await terminal.until("\n........... > 3,1)\n2\n(node-0003) >");
  });

  await t.step("with --accept=ask the person says who may connect", async () => {
    await using other = await GvmProcess.start(daemon.env, "node-8399");
    await using terminal = await prompt(daemon, "node-0004", ["--accept=ask"]);
    const question = "node-8399 wants to connect. Accept? [y/N] >";
    await terminal.type("math.su");
    await terminal.until("> math.su");
    await other.type("Node.connect(node-0004)");
    await terminal.until(question);
    await terminal.press("Enter");
    assertEquals(
      await other.complaint(),
      'CONNECTION_DENIED: Cannot connect: "node-0004" denied the connection',
    );
    await terminal.until(/\n\(node-0004\) > math\.su.*$/);
    await other.type("Node.connect(node-0004)");
    await terminal.until((screen) => screen.endsWith(question));
    await terminal.type("y");
    await terminal.press("Enter");
    assertEquals(await other.lines(1), ["node-0004"]);
    await terminal.until(/\nnode-8399 connected\n\(node-0004\) > math\.su.*$/);
  });
});

terminalTest("GPMD that goes away is told once, peers live on, and that it is back", async () => {
  await using daemon = await startNetwork();
  await using _other = await GvmProcess.start(daemon.env, "node-8399");
  await using terminal = await prompt(daemon, "node-0001");
  await enter(terminal, "Node.connect(node-8399)");
  await enter(terminal, "Node.run(node-8399, counter.next())");
  await terminal.type("Node.dis");
  await terminal.until("> Node.discover()");
  Deno.kill(daemon.pid, "SIGKILL");
  await terminal.until("\nGPMD is gone, trying again\n(node-0001) > Node.dis");
  await terminal.type("cover()");
  await terminal.press("Enter");
  await terminal.until(/\nGPMD_NOT_RUNNING: GPMD is not running on this device[^]*\n\(node-0001\) >$/);
  assertMatch(await enter(terminal, "Node.run(node-8399, counter.next())"), /^ID: {2}.*\n2$/);
  await terminal.type("Node.dis");
  await terminal.until(/> Node\.discover\(\)$/);
  await using again = await startDaemon(daemon.settings);
  const screen = await terminal.until("\nGPMD is back\n(node-0001) > Node.dis");
  assertEquals(screen.split("GPMD is gone").length, 2);
  await using gpmd = await again.connect();
  await eventually("both nodes are registered again", async () => (await gpmd.nodes()).length === 2);
  await terminal.type("cover()");
  await terminal.press("Enter");
  await terminal.until("\nnode-0001,node-8399\n(node-0001) >");
});
