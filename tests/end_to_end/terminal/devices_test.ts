/** The transcript of two devices, typed as keys at a terminal of one of them; the link between is the test's own. */
import { assertEquals, assertMatch } from "@std/assert";
import { GvmProcess } from "../../tools/commands.ts";
import { TwoDevices } from "../../tools/two_devices.ts";
import { enter, enterLines, prompt, terminalTest } from "./_prompt.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

terminalTest("nodes of two devices", async (t) => {
  await using two = await TwoDevices.start();

  await t.step("a node of another device is used at the prompt as the document shows it", async () => {
    await using there = await GvmProcess.start(two.laptop.daemon.env, "node-8399");
    await using terminal = await prompt(two.pi.daemon, "node-1", [], { columns: 200 });
    assertEquals(await enterLines(terminal, "Node.discover()"), ["node-1,node-8399@laptop"]);
    assertEquals(await enterLines(terminal, "Node.connect(node-8399@laptop)"), ["node-8399@laptop"]);
    const [id, ...output] = await enterLines(terminal, "Node.run(node-8399@laptop, math.add(34,34))");
    assertMatch(id!, new RegExp(`^ID: {2}${UUID}$`));
    assertEquals(output, ["Adding Numbers From Wasm...", "68"]);
    assertEquals(await enterLines(terminal, "Node.list()"), ["node-8399@laptop"]);
    assertEquals(await there.ask("Node.list()"), ["node-1@pi"]);
    assertEquals((await there.ask("Node.run(node-1@pi, math)", 2))[1], "Reponse from the math module...");
    assertEquals(
      await enter(terminal, "Node.run(node-8399, math)"),
      'NOT_CONNECTED: Cannot run on "node-8399": it is not connected; did you mean node-8399@laptop?',
    );
    assertEquals(
      await enter(terminal, "Node.connect(node-8399@lapto)"),
      'DEVICE_NOT_FOUND: Cannot find "node-8399@lapto": no device "lapto" is paired with this one; did you mean ' +
        '"node-8399@laptop"?',
    );
    assertEquals(await enterLines(terminal, "Node.disconnect(node-8399@laptop)"), ["Client disconnected."]);
  });

  await t.step("a person is asked about a node with the name of its device", async () => {
    await using terminal = await prompt(two.laptop.daemon, "home", ["--accept=ask"]);
    const node = await two.node("pi", "node-2");
    const connected = node.connect("home@laptop");
    await terminal.until("node-2@pi wants to connect. Accept?");
    await terminal.type("y");
    await terminal.press("Enter");
    await connected;
    await terminal.until("node-2@pi connected");
  });

  await t.step("--accept lets in the nodes and devices that it names", async () => {
    const accept = ["--accept=one@pi,two"];
    await using _some = await GvmProcess.start(two.laptop.daemon.env, "some", ...accept);
    await using _all = await GvmProcess.start(two.laptop.daemon.env, "all", "--accept=@pi");
    const tried: Record<string, string> = {};
    for (
      const [device, name] of [["pi", "one"], ["pi", "two"], ["laptop", "one"], ["laptop", "two"]] as const
    ) {
      const node = await two.node(device, name);
      for (const wanted of ["some", "all"]) {
        const address = device === "pi" ? `${wanted}@laptop` : wanted;
        tried[`${name} of ${device} to ${wanted}`] = await node.connect(address).then(
          () => "connected",
          (error) => error.code,
        );
      }
    }
    assertEquals(tried, {
      "one of pi to some": "connected",
      "one of pi to all": "connected",
      "two of pi to some": "CONNECTION_DENIED",
      "two of pi to all": "connected",
      "one of laptop to some": "CONNECTION_DENIED",
      "one of laptop to all": "CONNECTION_DENIED",
      "two of laptop to some": "connected",
      "two of laptop to all": "CONNECTION_DENIED",
    });
  });
});
