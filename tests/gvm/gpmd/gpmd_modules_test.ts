// What GPMD keeps, at two nodes that are connected: all tests have them, and modules of their own; the last kills GPMD.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { GpmdConnection } from "../../../gvm/gpmd/gpmd_connection.ts";
import { GpmdModules } from "../../../gvm/gpmd/gpmd_modules.ts";
import type { TestDaemon } from "../../tools/daemon_process.ts";
import { Network, readModule } from "../../tools/network.ts";
import { assertFails } from "../harness.ts";

/** `(module (func (export "version") (result i32) (i32.const number)))`, for numbers from 0 to 63. */
function returning(number: number): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  return new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    1, 5, 1, 0x60, 0, 1, 0x7f,
    3, 2, 1, 0,
    7, 11, 1, 7, ...new TextEncoder().encode("version"), 0, 0,
    10, 6, 1, 4, 0, 0x41, number, 0x0b,
  ]);
}

/** A connection of a node's to GPMD, which reports to `lost` that GPMD is away. */
function linkTo({ settings, secret }: TestDaemon, lost: () => void = () => {}): Promise<GpmdConnection> {
  return GpmdConnection.open({
    port: settings.gmpPort,
    secret,
    node: { name: "asking", id: crypto.randomUUID(), port: 1 },
    expect: () => {},
    state: (state) => state === "lost" && lost(),
    modulesChanged: () => {},
    devicesChanged: () => {},
    granted: () => Promise.resolve(),
  });
}

Deno.test("modules of GPMD, as two nodes of a network get them", async (t) => {
  await using network = await Network.start();
  const [here] = await network.pair();

  await t.step(
    "what is not a module is refused before it is stored, and a module is fetched by name or version",
    async () => {
      const text = new TextEncoder().encode("not a module");
      await assertFails("NOT_A_MODULE", network.upload("text", "v1.0.0", text));
      await assertFails("NOT_A_MODULE", network.upload("half", "v1.0.0", readModule("math").slice(0, -1)));
      await assertFails("INVALID_NAME", network.upload("../../x", "v1.0.0", "math"));
      await assertFails("VERSION_EXISTS", network.upload("math", "v0.0.1", "counter"));
      await assertFails("MODULE_NOT_FOUND", here.call("text.add"));
      assertEquals((await here.modules()).map(({ name }) => name), ["counter", "greet", "math", "program"]);
    },
  );

  await t.step(
    "a stored file that was changed by one byte is refused, here and on another node",
    async () => {
      await network.upload("damaged", "v0.0.1", "math");
      const path = join(network.daemon.settings.home, "modules", "damaged-v0.0.1.wasm");
      const bytes = Deno.readFileSync(path);
      bytes[bytes.length - 1]! ^= 1;
      Deno.chmodSync(path, 0o600);
      Deno.writeFileSync(path, bytes);
      for (const on of [undefined, "there"]) {
        await assertFails("HASH_MISMATCH", here.call("damaged.add", [1, 2], { on }));
        await assertFails("HASH_MISMATCH", here.function("damaged@v0.0.1.add", { on }));
        await assertFails("HASH_MISMATCH", here.run("damaged", [], { on }).exitCode);
      }
      bytes[bytes.length - 1]! ^= 1;
      Deno.writeFileSync(path, bytes);
      for (const on of [undefined, "there"]) assertEquals(await here.call("damaged.add", [1, 2], { on }), 3);
    },
  );

  await t.step(
    "a newer version is used at the next call by name, and what was pinned keeps its own",
    async () => {
      for (const on of [undefined, "there"]) {
        const tool = on === undefined ? "tool" : "remote-tool";
        await network.upload(tool, "v1.0.0", "counter");
        assertEquals(await here.call(`${tool}.next`, [], { on }), 1);
        const pinned = [
          await here.function(`${tool}.next`, { on }),
          await here.function(`${tool}@v1.0.0.next`, { on }),
        ];
        assertEquals([await pinned[0]!(), await pinned[1]!()], [2, 3]);
        await assertFails("FUNCTION_NOT_FOUND", here.call(`${tool}.add`, [1, 2], { on }));
        await network.upload(tool, "v1.1.0", "math");
        assertEquals(await here.call(`${tool}.add`, [1, 2], { on }), 3);
        assertEquals(await here.run(tool, [], { on }).text(), "Reponse from the math module...\n");
        await assertFails("FUNCTION_NOT_FOUND", here.call(`${tool}.next`, [], { on }));
        assertEquals([await pinned[0]!(), await pinned[1]!()], [4, 5]);
        assertEquals(await here.call(`${tool}@v1.0.0.next`, [], { on }), 6);
      }
    },
  );

  await t.step("whoever knows of a newer version gets it, however soon the call is made", async () => {
    await network.upload("news", "v0.0.0", returning(0));
    await Promise.all([here.call("news.version"), here.call("news.version", [], { on: "there" })]);
    for (let version = 1; version <= 40; version++) {
      await network.upload("news", `v${version}.0.0`, returning(version));
      const answers = [await here.call("news.version"), await here.call("news.version", [], { on: "there" })];
      assertEquals(answers, [version, version]);
    }
  });

  await t.step("a version that was removed is gone at the next call by name", async () => {
    await network.upload("passing", "v0.0.1", "math");
    await network.upload("passing", "v9.0.0", "counter");
    await assertFails("FUNCTION_NOT_FOUND", here.call("passing.add", [1, 2], { on: "there" }));
    await network.gpmd.remove("passing", "v9.0.0");
    assertEquals(await here.call("passing.add", [1, 2], { on: "there" }), 3);
    await assertFails("VERSION_NOT_FOUND", here.call("passing@v9.0.0.next", [], { on: "there" }));
  });

  await t.step(
    "an executor that asks for what is no name gets that refused, and nobody else does",
    async () => {
      const link = await linkTo(network.daemon);
      try {
        const modules = new GpmdModules(() => link);
        for (
          const [name, version] of [["math", ""], ["math@v0.0.1", undefined], ["math@", "v0.0.1"]] as const
        ) {
          const refused = assertFails("INVALID_NAME", modules.resolve(name, version));
          const found = modules.resolve("math", undefined);
          await refused;
          assertEquals((await found).version, "v0.0.1");
          modules.changed();
        }
        const [one, other] = await Promise.all([
          modules.resolve("math", "0.0.1"),
          modules.resolve("math", "v0.0.1"),
        ]);
        assertEquals(one, other);
      } finally {
        await link.close();
      }
    },
  );

  await t.step(
    "while GPMD is away, a name that has to be looked up again stands for what it stood for",
    async () => {
      const lost = Promise.withResolvers<void>();
      const link = await linkTo(network.daemon, lost.resolve);
      try {
        const modules = new GpmdModules(() => link);
        const found = await modules.resolve("math", undefined);
        modules.changed();
        await network.gpmd.kill();
        await lost.promise;
        assertEquals(await modules.resolve("math", undefined), found);
        assertEquals(await modules.bytes(found.hash), readModule("math"));
        await assertFails("GPMD_NOT_RUNNING", modules.resolve("counter", undefined));
      } finally {
        await link.close();
      }
    },
  );
});
