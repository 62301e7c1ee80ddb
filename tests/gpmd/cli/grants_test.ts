import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { complete } from "../../../gmp/command/complete.ts";
import { GPMD as PROGRAM } from "../../../gpmd/cli/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { assertError, GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { connectNode, dialNode } from "../_node.ts";

const lines = (text: string) => text.trimEnd().split("\n").map((line) => line.split(/\s{2,}/));

Deno.test("gpmd grant, grants and revoke", async (t) => {
  await using daemon = await startDaemon();

  await t.step("a person grants, looks and revokes, with times and sizes as people write them", async () => {
    const { env } = daemon;
    const granted = await gpmd(
      env,
      "grant",
      "laptop",
      "math.*",
      "notes.read",
      "--time",
      "5s",
      "--memory=64M",
    );
    assertEquals(granted.code, 0);
    assertStringIncludes(granted.stderr, "GPMD knows no device called laptop now");
    assertEquals(lines(granted.stdout), [
      ["WHO", "WHAT", "TIME", "MEMORY"],
      ["laptop", "math.*", "5s", "64M"],
      ["laptop", "notes.read", "5s", "64M"],
    ]);
    const local = await gpmd(env, "grant", "--time=1m30s", "node-1@local", "math.add");
    assertEquals([local.code, local.stderr], [0, ""]);
    assertEquals(lines((await gpmd(env, "grants")).stdout).slice(1), [
      ["laptop", "math.*", "5s", "64M"],
      ["laptop", "notes.read", "5s", "64M"],
      ["local", "*"],
      ["local", "ship"],
      ["local", "modules"],
      ["node-1@local", "math.add", "1m30s"],
    ]);
    const some = await gpmd(env, "grants", "--json", "node-1@local", "everyone");
    assertEquals(JSON.parse(some.stdout), [{ subject: "node-1@local", what: "math.add", timeMs: 90_000 }]);
    const none = await gpmd(env, "grants", "everyone");
    assertEquals(none, { code: 0, stdout: "", stderr: "Nothing is granted to everyone.\n" });

    const missing = await gpmd(env, "revoke", "laptop", "math.add");
    assertError(missing, "NOT_GRANTED");
    assertStringIncludes(missing.stderr, "granted are 'math.*', notes.read");
    assertEquals(lines((await gpmd(env, "revoke", "laptop", "notes.read")).stdout).slice(1), [
      ["laptop", "math.*", "5s", "64M"],
    ]);
    const last = await gpmd(env, "revoke", "laptop", "math.*");
    assertEquals(last, { code: 0, stdout: "", stderr: "Nothing is granted to laptop any more.\n" });
    const all = await gpmd(env, "revoke", "--json", "local", "*");
    assertEquals(JSON.parse(all.stdout).unconfirmed, []);
    assertStringIncludes(
      all.stderr,
      "may do on each other only what they are granted by name; to undo this: gpmd grant",
    );
  });

  await t.step("WHO and WHAT are completed", async () => {
    const of = (...words: string[]) =>
      complete(PROGRAM, words, {
        nodes: () => Promise.resolve([]),
        modules: () => Promise.resolve(["math"]),
        grantees: () => Promise.resolve(["everyone", "local", "laptop", "node-1@local"]),
      });
    assertEquals(await of("grant", "l"), ["local", "laptop"]);
    assertEquals(await of("revoke", "node"), ["node-1@local"]);
    assertEquals(await of("grants", ""), ["everyone", "local", "laptop", "node-1@local"]);
    assertEquals(await of("grant", "laptop", "m"), ["modules", "manage", "math", "math.*"]);
    assertEquals(await of("grant", "laptop", "math", "s"), ["ship"]);
    await using client = await daemon.connect();
    await client.revoke("node-1@local", ["math.add"]);
    await using node = await connectNode(daemon);
    await node.register("node-1");
    const { env } = daemon;
    await gpmd(env, "grant", "pi", "math");
    const command = new Deno.Command("deno", { args: [...GPMD, "__complete", "grant", ""], env });
    const shown = new TextDecoder().decode((await command.output()).stdout).trimEnd().split("\n");
    assertEquals(shown, ["everyone", "local", "pi", "node-1@local"]);
  });

  await t.step("a node that never answers does not keep the command", async () => {
    const channel = new Channel(await dialNode(daemon), {
      handlers: { "grants.apply": () => new Promise(() => {}) },
    });
    await channel.request("node.register", { name: "mute", id: crypto.randomUUID(), port: 4000 });
    const before = performance.now();
    const { code, stderr } = await gpmd(daemon.env, "revoke", "local", "ship");
    assert(performance.now() - before < 20_000);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "mute did not confirm it within 2 seconds");
    await channel.close();
  });

  await t.step("what is wrong is said, and what may be meant otherwise", async () => {
    await using node = await connectNode(daemon);
    await node.register("node-1");
    const { env } = daemon;
    const usage = await gpmd(env, "grant", "laptop");
    assertEquals([usage.code, usage.stderr.split("\n")[0]], [2, "gpmd: gpmd grant needs WHO WHAT [WHAT...]"]);
    assertEquals((await gpmd(env, "grant", "laptop", "math", "--time=soon")).code, 2);
    assertError(await gpmd(env, "grant", "laptop", "math@v1.0.0.add"), "INVALID_NAME");
    assertError(await gpmd(env, "grants", "a@b@c"), "INVALID_NAME");
    const node1 = await gpmd(env, "grant", "node-1", "math");
    assertStringIncludes(node1.stderr, "the node of this device is node-1@local");
    // This one has no handler for what GPMD asks it.
    assertEquals(node1.code, 1);
    assertStringIncludes(node1.stderr, "The change is saved, but node-1 did not confirm it");
  });
});
