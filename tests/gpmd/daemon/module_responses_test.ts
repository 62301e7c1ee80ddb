// What GPMD answers to who asks for a module. The first tests share a daemon and a connection to each of its ports, and
// call their modules differently.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Kind } from "../../../gmp/frames/frame.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { concat, frameBytes } from "../../gmp/_wire.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { ADD_MODULE, moduleOf, sha256 } from "../_modules.ts";
import { connectNode, dialNode, getBytes } from "../_node.ts";

const MIB = 1 << 20;

Deno.test("module.get", async (t) => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await using node = await connectNode(daemon);

  await t.step("module.get gives the latest version unless one is named", async () => {
    for (const [i, version] of ["v0.0.9", "v0.0.10", "v0.0.2"].entries()) {
      await gpmd.upload({ name: "math", version, module: moduleOf(100, i) });
    }
    assertEquals((await getBytes(node.channel, { name: "math" })).reply.version, "v0.0.10");
    assertEquals((await getBytes(node.channel, { name: "math", version: "v0.0.2" })).bytes, moduleOf(100, 2));
    assertEquals(await node.channel.request("module.list"), {
      modules: [{ name: "math", versions: ["v0.0.2", "v0.0.9", "v0.0.10"], latest: "v0.0.10" }],
    });
  });

  await t.step("module.get answers with name, version, hash, size and the binary as base64", async () => {
    await gpmd.upload({ name: "math-0", version: "v0.0.1", module: ADD_MODULE });
    const expected = {
      name: "math-0",
      version: "v0.0.1",
      hash: await sha256(ADD_MODULE),
      size: ADD_MODULE.length,
      binary: ADD_MODULE.toBase64(),
    };
    assertEquals(await node.channel.request("module.get", { name: "math-0" }), expected);
    assertEquals(
      await node.channel.request("module.get", { name: "math-0", version: "v0.0.1", encoding: "base64" }),
      expected,
    );
  });

  await t.step(
    'with the encoding "bytes" the module follows the reply as DATA, whatever its size',
    async () => {
      // Around the size of a chunk, and several of it.
      const sizes = [16, 262_143, 262_144, 262_145, 3 * MIB];
      for (const [i, size] of sizes.entries()) {
        await gpmd.upload({ name: `m${i}`, version: "v1.0.0", module: moduleOf(size, i) });
      }
      const all = await Promise.all(sizes.map((_, i) => getBytes(node.channel, { name: `m${i}` })));
      for (const [i, { reply, bytes }] of all.entries()) {
        assertEquals(reply, {
          name: `m${i}`,
          version: "v1.0.0",
          hash: await sha256(moduleOf(sizes[i]!, i)),
          size: sizes[i],
        });
        assert(bytes.toHex() === moduleOf(sizes[i]!, i).toHex());
      }
    },
  );

  await t.step("module.get sends nothing but the description where the hash is known", async () => {
    const { hash, size } = await gpmd.upload({ name: "math-3", version: "v1.0.0", module: ADD_MODULE });
    for (const encoding of ["bytes", "base64"]) {
      const reply = await node.channel.request("module.get", { name: "math-3", encoding, ifNoneMatch: hash });
      assertEquals(reply, { name: "math-3", version: "v1.0.0", hash, size, unchanged: true });
    }
    const other = await getBytes(node.channel, { name: "math-3", ifNoneMatch: "0".repeat(64) });
    assertEquals([other.reply.unchanged, other.bytes.length], [undefined, size]);
  });

  await t.step(
    "a module too large for base64 is refused with the encoding that helps, which then sends it",
    async () => {
      const fits = moduleOf(25_000_000);
      const large = moduleOf(26_000_000);
      await gpmd.upload({ name: "fits", version: "v1.0.0", module: fits });
      await gpmd.upload({ name: "large-4", version: "v1.0.0", module: large });
      const { binary } = await node.channel.request("module.get", { name: "fits" });
      assertEquals((binary as string).length, Math.ceil(fits.length / 3) * 4);
      const error = await assertRejects(
        () => node.channel.request("module.get", { name: "large-4" }),
        GhostError,
      );
      assertEquals(error.code, "PAYLOAD_TOO_LARGE");
      assert(error.message.includes('"bytes"'));
      assertEquals((await getBytes(node.channel, { name: "large-4" })).bytes.length, large.length);
    },
  );

  await t.step("module.get refuses what it does not know", async () => {
    await gpmd.upload({ name: "math-5", version: "v1.0.0", module: ADD_MODULE });
    const codeOf = async (body: Record<string, unknown>) =>
      (await assertRejects(() => node.channel.request("module.get", body), GhostError)).code;
    assertEquals(await codeOf({ name: "maths" }), "MODULE_NOT_FOUND");
    assertEquals(await codeOf({ name: "math-5", version: "v2.0.0" }), "VERSION_NOT_FOUND");
    assertEquals(await codeOf({ name: "../secret" }), "INVALID_NAME");
    assertEquals(await codeOf({ name: "math-5", version: "../../secret" }), "INVALID_NAME");
    assertEquals(await codeOf({ name: "math-5", encoding: "hex" }), "BAD_REQUEST");
    assertEquals(await codeOf({}), "BAD_REQUEST");
  });

  await t.step("who cancels a module, or leaves, leaves nothing open", async () => {
    await gpmd.upload({ name: "large-8", version: "v1.0.0", module: moduleOf(32 * MIB) });
    const cancel = new AbortController();
    const error = await assertRejects(
      () =>
        node.channel.request("module.get", { name: "large-8", encoding: "bytes" }, {
          signal: cancel.signal,
          data: () => cancel.abort(),
        }),
      GhostError,
    );
    assertEquals(error.code, "CANCELLED");
    const leaving = await connectNode(daemon);
    const got = leaving.channel.request("module.get", { name: "large-8", encoding: "bytes" }, {
      data: () => leaving.channel.abort(new GhostError("CONNECTION_LOST")),
    });
    await assertRejects(() => got, GhostError);
    // The connection that cancelled is served as before.
    const { bytes } = await getBytes(node.channel, { name: "large-8" });
    assertEquals(bytes.length, 32 * MIB);
    if (Deno.build.os === "linux") {
      assertEquals(openFiles(daemon.pid).filter((file) => file.endsWith(".wasm")), []);
    }
  });

  await t.step("module.get sends the part that is asked for", async () => {
    const module = moduleOf(MIB, 3);
    await gpmd.upload({ name: "math-10", version: "v1.0.0", module });
    const part = async (start: number, count?: number) =>
      (await getBytes(
        node.channel,
        count === undefined ? { name: "math-10", start } : { name: "math-10", start, count },
      )).bytes;
    assertEquals(await part(0, 10), module.subarray(0, 10));
    assertEquals(await part(10, 300_000), module.subarray(10, 300_010));
    assertEquals(await part(MIB - 5, 10), module.subarray(MIB - 5));
    assertEquals(await part(MIB - 5), module.subarray(MIB - 5));
    assertEquals(await part(MIB), new Uint8Array(0));
    const error = await assertRejects(() => part(MIB + 1), GhostError);
    assertEquals(error.code, "BAD_REQUEST");
  });

  await t.step(
    "a stored file that somebody has changed by one byte is sent with the hash of the index",
    async () => {
      const { hash } = await gpmd.upload({ name: "math-6", version: "v1.0.0", module: ADD_MODULE });
      const path = `${daemon.settings.home}/modules/math-6-v1.0.0.wasm`;
      const changed = ADD_MODULE.slice();
      changed[changed.length - 2]! ^= 1;
      await Deno.writeFile(path, changed);
      const { reply, bytes } = await getBytes(node.channel, { name: "math-6" });
      assertEquals([reply.hash, bytes], [hash, changed]);
      await Deno.truncate(path, 10);
      const error = await assertRejects(() => getBytes(node.channel, { name: "math-6" }), GhostError);
      assertEquals(error.code, "HASH_MISMATCH");
    },
  );
});

function openFiles(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  return Array.from(Deno.readDirSync(directory), ({ name }) => Deno.readLinkSync(`${directory}/${name}`));
}

Deno.test("sending a large module takes the daemon less memory than the module has, also to those who do not read", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  const size = 128 * MIB;
  await gpmd.upload({ name: "large", version: "v1.0.0", module: moduleOf(size) });
  const before = (await gpmd.status()).memory.rss;
  const deaf = await Promise.all(Array.from({ length: 8 }, () => dialNode(daemon)));
  const operation = OPERATIONS["module.get"];
  const payload = { name: "large", encoding: "bytes" };
  for (const { transport } of deaf) {
    const requests = Array.from(
      { length: 20 },
      (_, i) => frameBytes(Kind.REQUEST, { operation, id: i + 1, payload }),
    );
    await transport.write(concat(...requests));
  }
  await using node = await connectNode(daemon);
  let received = 0;
  const got = node.channel.request("module.get", payload, { data: (chunk) => received += chunk.length });
  let most = 0;
  while (received < size) most = Math.max(most, (await gpmd.status()).memory.rss);
  await got;
  for (const { transport } of deaf) transport.close();
  assert(most - before < size, `${most - before} bytes more`);
});

Deno.test("module.get by a hash gives exactly that module, whatever it is called, and says whether it is published so", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await using node = await connectNode(daemon);
  const [one, two] = [moduleOf(100, 1), moduleOf(200, 2)];
  const [hash, other] = [await sha256(one), await sha256(two)];
  await gpmd.upload({ name: "math", version: "v1.0.0", module: one });
  await gpmd.upload({ name: "math", version: "v2.0.0", module: two });
  const get = (body: Record<string, string | boolean>) =>
    node.channel.request("module.get", { name: "math", encoding: "none", hash, ...body });
  const expected = { name: "math", version: "v1.0.0", hash, size: 100 };
  assertEquals(await get({}), expected);
  assertEquals(await get({ version: "1.0.0" }), expected);
  assertEquals(await get({ version: "v3.0.0" }), { ...expected, version: "v3.0.0" });
  assertEquals(await get({ name: "sum" }), {
    name: "sum",
    version: `sha256:${hash}`,
    hash,
    size: 100,
    brought: true,
  });
  assertEquals((await getBytes(node.channel, { name: "sum", hash })).bytes, one);
  assertEquals((await get({ encoding: "base64" })).binary, one.toBase64());
  const refused = async (body: Record<string, string | boolean>) =>
    await get(body).then(() => undefined, (error) => GhostError.from(error));
  const mismatch = await refused({ version: "v2.0.0" });
  assertEquals([mismatch?.code, mismatch?.details], ["HASH_MISMATCH", { here: other, wanted: hash }]);
  assert(mismatch!.message.includes(hash) && mismatch!.message.includes(other), mismatch!.message);
  assertEquals((await refused({ hash: "0".repeat(64) }))?.code, "MODULE_NOT_FOUND");
  // Without a link there is nobody else to ask.
  assertEquals((await refused({ hash: "0".repeat(64), elsewhere: true }))?.code, "MODULE_NOT_FOUND");
  assertEquals(
    (await refused({ hash: "0".repeat(64), elsewhere: true, device: "laptop" }))?.code,
    "LINK_NOT_RUNNING",
  );
  assertEquals((await refused({ hash: "../../secret" }))?.code, "INVALID_NAME");
});
