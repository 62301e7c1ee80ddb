import { assert, assertEquals, assertMatch } from "@std/assert";
import { VARIABLES_LIMIT } from "../../../gvm/extism/variables.ts";
import { assertFails } from "../harness.ts";
import { PluginSession } from "./_plugin_session.ts";

const MIB = 1 << 20;

Deno.test("a function of a plug-in takes bytes and returns bytes, with any between", async () => {
  using session = new PluginSession();
  for (const input of ["Ada", "", "✗ \u0000 ☃", "long ".repeat(50_000)]) {
    assertEquals(await session.plugin("plugin.echo", input), `ok: ${input}`);
  }
  assertEquals(await session.call("plugin.add", 2, 3), 5, "its other functions take numbers");
});

Deno.test("a plug-in's error is its message, and its instance lives on", async () => {
  using session = new PluginSession();
  assertEquals(await session.plugin("plugin.append", "soup"), "ok: ");
  assertEquals(await session.plugin("plugin.fail", "no soup ✗"), "err: no soup ✗");
  assertEquals(await session.plugin("plugin.fail_and_return_0", "no soup"), "err: no soup");
  assertEquals(await session.plugin("plugin.fail_without_a_word"), "err: it returned 7 and no message");
  assertEquals(await session.plugin("plugin.append", "soup"), "ok: x");
  const error = await assertFails("TRAP", session.plugin("plugin.fail_and_trap", "burnt"));
  assertEquals(error.message, 'plugin.fail_and_trap trapped: unreachable; its error is "burnt"');
  assertEquals(await session.plugin("plugin.append", "soup"), "ok: ", "the instance is a new one");
});

Deno.test("variables last from call to call, until they are removed", async () => {
  using session = new PluginSession();
  for (let length = 0; length < 3; length++) {
    assertEquals(await session.plugin("plugin.append", "a"), `ok: ${"x".repeat(length)}`);
  }
  assertEquals(await session.plugin("plugin.append", "b"), "ok: ");
  assertEquals(await session.plugin("plugin.forget", "a"), "ok: ");
  assertEquals(await session.plugin("plugin.append", "a"), "ok: ");
});

Deno.test("a configuration is read by its keys", async () => {
  using session = new PluginSession({}, undefined, { greeting: "Grüß Gott", "": "no key" });
  assertEquals(await session.plugin("plugin.configured", "greeting"), "ok: Grüß Gott");
  assertEquals(await session.plugin("plugin.configured", "greetings"), "ok: ");
  assertEquals(await session.plugin("plugin.configured", "toString"), "ok: ");
});

Deno.test("without a configuration there is no value, as with an unknown key", async () => {
  using session = new PluginSession();
  assertEquals(await session.plugin("plugin.configured", "greeting"), "ok: ");
});

Deno.test("the log goes to standard error, with its level", async () => {
  using session = new PluginSession();
  await session.plugin("plugin.log", "so it is");
  assertEquals(
    session.logged,
    ["trace", "debug", "info", "warn", "error"].map((level) => `${level}: so it is\n`).join(""),
  );
  await assertFails("OUTPUT_LIMIT", new PluginSession({ output: 100 }).plugin("plugin.log", "x".repeat(99)));
});

Deno.test("an HTTP request is refused, with its address", async () => {
  using session = new PluginSession();
  const refusal = async (request: string) =>
    (await assertFails("TRAP", session.plugin("plugin.fetch", request))).message;
  assertEquals(
    await refusal('{"url": "https://example.com/a\\u001bb"}'),
    'plugin.fetch trapped: HTTP request to "https://example.com/a\\u001bb" is refused: plug-ins have no network',
  );
  assertMatch(await refusal("{"), /HTTP request to an unreadable URL is refused/);
});

Deno.test("a plug-in that allocates without end gets what its session may have, and no more", async () => {
  using session = new PluginSession({ memory: 64 * MIB });
  const { host } = session;
  const bytes = await session.call("plugin.hoard", new Uint8Array(8)) as { val: Uint8Array };
  const hoarded = Number(new DataView(bytes.val.buffer).getBigUint64(0, true));
  assert(hoarded > 16 * MIB && hoarded < 64 * MIB, `${hoarded}`);
  assert(host.memory.bytes > hoarded && host.memory.bytes <= 64 * MIB, `${host.memory.bytes}`);
  session.modules.add("another", session.modules.bytesOf("plugin"));
  await session.plugin("another.hoard");
  assert(host.memory.bytes <= 64 * MIB, "all plug-ins of a session together");
  const large = new Uint8Array(40 * MIB);
  await assertFails("MEMORY_LIMIT", session.call("another.echo", large));
  session.session.reset("plugin");
  session.session.reset("another");
  assertEquals(host.memory.bytes, 0);
});

Deno.test("variables count, and have a limit", async () => {
  using session = new PluginSession();
  await session.plugin("plugin.echo");
  const before = session.host.memory.bytes;
  await session.plugin("plugin.append", "a");
  await session.plugin("plugin.append", "a");
  assertEquals(session.host.memory.bytes - before, 2 + 2 + 128);
  await session.plugin("plugin.forget", "a");
  assertEquals(session.host.memory.bytes, before);
  const error = await assertFails("TRAP", session.plugin("plugin.hoard_variables"));
  assertMatch(error.message, /its variables would take more than their limit of 1048576 bytes$/);
  assertEquals(session.host.memory.bytes, 0, "those of an instance that is gone count no more");
});

Deno.test("the variables of all instances together stay within the session's memory", async () => {
  const pages = (1 + 1) * 65_536;
  using session = new PluginSession({ memory: 16 * 65_536 });
  for (let number = 0; number < 4; number++) {
    const name = `plugin${number}`;
    session.modules.add(name, session.modules.bytesOf("plugin"));
    await assertFails("MEMORY_LIMIT", session.plugin(`${name}.hoard_variables`));
  }
  assert(16 * 65_536 - pages < VARIABLES_LIMIT, "one alone would not reach its own limit");
  assertEquals(session.host.memory.bytes, 0);
});

Deno.test("a plug-in that names blocks that are not there is stopped, by what it said", async () => {
  using session = new PluginSession();
  const reason = async (name: string, input = "") =>
    (await assertFails("TRAP", session.plugin(`plugin.${name}`, input))).message;
  assertEquals(
    await reason("key_nowhere"),
    "plugin.key_nowhere trapped: it gave the offset 18446744073709551608 for a variable's key, where no block is",
  );
  assertMatch(
    await reason("key_inside", "abc"),
    /it gave the offset \d+ for a variable's key, where no block is/,
  );
  assertMatch(
    await reason("key_of_megabytes"),
    /it gave 67108864 bytes for a variable's key, above the limit of 65536 bytes/,
  );
  assertMatch(await reason("forge", "k"), /it gave 4294967295 bytes for a variable's key/);
});

Deno.test("what a plug-in says of its output and its error is never read beyond its memory", async () => {
  using session = new PluginSession();
  assertEquals(await session.plugin("plugin.output_nowhere", "so it is"), "ok: so it is");
  assertEquals(await session.plugin("plugin.write_nowhere"), "ok: \0\0\0\0\0\0\0\0");
  assertMatch(await session.plugin("plugin.forge", "error"), /^err: error\0*.*…$/s);
  assertMatch(await session.plugin("plugin.forge", "output"), /^ok: /);
  assertMatch(await session.plugin("plugin.forge", "free"), /^ok: free$/);
  assertEquals(await session.plugin("plugin.echo", "and on it goes"), "ok: and on it goes");
});
