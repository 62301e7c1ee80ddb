// Two devices as their users have them: two homes on loopback, real links between, and the commands as they are typed.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { isRunning } from "../gvm/harness.ts";
import { eventually, GvmProcess, ROOT } from "../tools/commands.ts";
import { assertError, GPMD } from "../tools/gpmd_command.ts";
import { readModule } from "../tools/network.ts";
import { type TestDevice, withDevices } from "../tools/paired_devices.ts";
import { whyNoTerminal } from "../tools/terminal.ts";
import { enter, prompt } from "./terminal/_prompt.ts";
import { ADD_MODULE } from "../gpmd/_modules.ts";

const ID = /^ID: {2}[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Bytes of the large module: a hundred frames, and what no pipe holds. */
const LARGE = 64 << 20;

/** Publishes an example or a fixture at the device. */
async function upload(device: TestDevice, name: string): Promise<void> {
  await using gpmd = await device.daemon.connect();
  await gpmd.upload({ name, version: "v0.0.1", module: readModule(name) });
}

/** What comes below the id of a call on another node. */
async function remote(node: GvmProcess, line: string, count: number): Promise<string[]> {
  const [id, ...output] = await node.ask(line, count + 1);
  assertMatch(id!, ID);
  return output;
}

Deno.test("two devices, from their pairing to its end", async (t) => {
  await withDevices(async (laptop, pi) => {
    await t.step("the transcript of two devices, to the character", async () => {
      await upload(laptop, "math");
      const [code, ...others] = await laptop.lines(
        "device",
        "invite",
        "--grant=*",
        "--grant=commands",
        ...laptop.link,
      );
      assertEquals(others, []);
      const joined = await pi.lines("device", "join", code!, "--name=laptop", "--as=pi", ...pi.link);
      assertEquals(joined[0], "Paired with laptop.");
      await using there = await GvmProcess.start(laptop.daemon.env, "node-8399");
      await using here = await GvmProcess.start(pi.daemon.env, "node-1");
      await eventually(
        "the other node",
        async () => (await here.ask("Node.discover()"))[0] === "node-1,node-8399@laptop",
      );
      assertEquals(await here.ask("Node.connect(node-8399@laptop)"), ["node-8399@laptop"]);
      assertEquals(await remote(here, "Node.run(node-8399@laptop, math.add(34,34))", 2), [
        "Adding Numbers From Wasm...",
        "68",
      ]);
      assertEquals(await there.ask("Node.list()"), ["node-1@pi"]);
      const status = (await pi.lines("--device=laptop", "status")).map((line) => line.split(/ {2,}/));
      assertEquals(status[0], ["Pid", String(laptop.daemon.pid)]);
      assertEquals(status.find(([name]) => name === "Nodes"), ["Nodes", "1"]);
      assertEquals(await here.ask("Node.disconnect(node-8399@laptop)"), ["Client disconnected."]);
    });

    await laptop.lines("grant", "pi", "manage");
    await t.step(
      "a module of 64 MB is streamed to another device, and one is published anew with every change",
      async () => {
        const directory = await Deno.makeTempDir();
        try {
          const large = join(directory, "large.wasm");
          await Deno.writeFile(large, largeModule());
          const uploaded = await pi.lines(
            "--device=laptop",
            "wasm",
            "upload",
            "--name=large",
            "--version=v0.0.1",
            large,
          );
          assertEquals(uploaded[0], "Module Uploaded Successfully!");
          assertMatch(uploaded.at(-1)!, /64/);
          assertMatch((await laptop.lines("wasm", "list")).join("\n"), /^large +v0\.0\.1/m);

          const file = join(directory, "sum.wasm");
          await Deno.writeFile(file, ADD_MODULE);
          const watch = new Deno.Command("deno", {
            args: [...GPMD, "--device=laptop", "wasm", "upload", "--watch", file],
            cwd: ROOT,
            env: pi.daemon.env,
            stdout: "piped",
            stderr: "null",
          }).spawn();
          const isListed = async (pattern: RegExp) =>
            pattern.test((await laptop.lines("wasm", "list")).join("\n"));
          await eventually("the development version", () => isListed(/^sum +v0\.0\.1-dev\.1/m));
          await Deno.writeFile(file, readModule("math"));
          await eventually("the next one", () => isListed(/^sum +v0\.0\.1-dev\.2/m));
          watch.kill("SIGINT");
          const { code, stdout } = await watch.output();
          assertEquals(code, 130, new TextDecoder().decode(stdout));
          assert(!await isListed(/^sum/m), "the development version is removed");
          assertError(await pi.type("--device=laptop", "wasm", "info", "sum"), "MODULE_NOT_FOUND");
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      },
    );
    await t.step({
      name: "keys at a prompt: a call on another device is shown as it runs, and stopped by Ctrl-C",
      ignore: await whyNoTerminal() !== undefined,
      fn: async () => {
        for (const name of ["math", "program"]) await upload(laptop, name);
        await laptop.lines("grant", "pi", "*");
        await using _there = await GvmProcess.start(laptop.daemon.env, "node-8399");
        await using terminal = await prompt(pi.daemon, "node-1", [], { columns: 200 });
        await eventually(
          "the other node",
          async () => (await enter(terminal, "Node.discover()")) === "node-1,node-8399@laptop",
        );
        assertEquals(await enter(terminal, "Node.connect(node-8399@laptop)"), "node-8399@laptop");
        await terminal.type("Node.run(node-8399@laptop, program(busy, 4000000000))");
        await terminal.press("Enter");
        await terminal.until(/\nID: {2}[0-9a-f-]{36}\nbefore$/);
        await terminal.press("C-c");
        await terminal.until("\nCANCELLED: The call was cancelled\n(node-1) >");
        assertMatch(
          await enter(terminal, "Node.run(node-8399@laptop, math.add(34,34))"),
          /^ID: {2}[0-9a-f-]{36}\nAdding Numbers From Wasm\.\.\.\n68$/,
        );
      },
    });

    // Last, for it takes one device from the other.
    await t.step(
      "a node is denied, an executor ended, a device renamed and removed, across two devices",
      async () => {
        for (const name of ["math", "counter", "program"]) await upload(laptop, name);
        await using there = await GvmProcess.start(
          laptop.daemon.env,
          "there",
          "--accept=@pi",
          "--timeout=3s",
        );
        await using _closed = await GvmProcess.start(laptop.daemon.env, "closed", "--accept=someone@pi");
        await using here = await GvmProcess.start(pi.daemon.env, "here");
        await eventually(
          "the nodes",
          async () => (await here.ask("Node.discover()"))[0] === "here,closed@laptop,there@laptop",
        );
        assertMatch(await here.fail("Node.connect(closed@laptop)"), /^CONNECTION_DENIED: /);
        assertEquals(await here.ask("Node.connect(there@laptop)"), ["there@laptop"]);
        assertEquals(await there.ask("Node.list()"), ["here@pi"]);

        // What a module keeps is its session's.
        const count = async () => (await remote(here, "Node.run(there@laptop, counter.next())", 1))[0];
        assertEquals([await count(), await count()], ["1", "2"]);

        // A run that never ends is ended by its limit, its executor with it; the next call has another one.
        const [executor] = there.executors();
        await here.type("Node.run(there@laptop, program(busy, 4000000000))");
        assertMatch((await here.lines(1))[0]!, ID);
        assertEquals(await here.lines(1), ["before"]); // its output comes while it runs
        assertMatch(await here.complaint(), /^TIME_LIMIT: /);
        await eventually("the end of the executor", () => !isRunning(executor!));
        assertEquals(await count(), "1");

        // Its new name holds for what is connected from then on.
        await pi.lines("device", "rename", "laptop", "work");
        await eventually(
          "the new name",
          async () => (await here.ask("Node.discover()"))[0] === "here,closed@work,there@work",
        );
        await pi.lines("device", "remove", "work");
        await eventually("its nodes' end", async () => (await here.ask("Node.discover()"))[0] === "here");
        assertMatch(
          await here.fail("Node.run(there@laptop, math)"),
          /^(NOT_CONNECTED|PEER_UNREACHABLE|CONNECTION_LOST): /,
        );
      },
    );
  });
});

/** A module with a custom section of {@linkcode LARGE} bytes, of noise, behind which nothing comes. */
function largeModule(): Uint8Array {
  const bytes = new Uint8Array(LARGE);
  for (let at = 0; at < LARGE; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const length = LARGE - 8 - 1 - 5; // of the section: its id, its length in five bytes, and the rest
  const size = [0, 7, 14, 21, 28].map((shift, i) => (length >>> shift) & 0x7f | (i < 4 ? 0x80 : 0));
  bytes.set([0, ...size, 1, 0x78], 8); // a name of one letter
  return bytes;
}
