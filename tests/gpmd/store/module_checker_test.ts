import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { ModuleChecker } from "../../../gpmd/store/module_checker.ts";
import { leb, moduleBytes } from "../../gmp/fixtures/module_bytes.ts";
import { assertFails } from "../../gmp/_wire.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { startNarrowDaemon } from "../_narrow_daemon.ts";
import { ADD_MODULE, moduleOf, sha256 } from "../_modules.ts";

/** Checks `bytes`, as a file of the disk. */
async function check(checker: ModuleChecker, bytes: Uint8Array<ArrayBuffer>, hash?: string) {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    return await checker.check(path, bytes.length, hash ?? await sha256(bytes));
  } finally {
    await Deno.remove(path);
  }
}

/**
 * A module whose validation takes a microsecond for each of its `branches`, up to 1,800,000: each is compared with 1,000
 * results.
 */
function slowModule(branches: number): Uint8Array<ArrayBuffer> {
  const results = [...leb(1000), ...Array(1000).fill(0x7f)];
  const head = [0, 0x02, 0x01, ...Array.from({ length: 1000 }, () => [0x41, 0]).flat()];
  const tail = [0x0b, ...Array(1000).fill(0x1a), 0x0b];
  const body = new Uint8Array(head.length + branches * 4 + tail.length);
  body.set(head);
  for (let i = 0; i < branches; i++) body.set([0x41, 0, 0x0d, 0], head.length + i * 4);
  body.set(tail, head.length + branches * 4);
  const types = [1, 2, 0x60, 0, 0, 0x60, 0, ...results];
  const front = moduleBytes(types, [3, 1, 0]);
  const size = leb(body.length);
  const section = [10, ...leb(1 + size.length + body.length), 1, ...size];
  const bytes = new Uint8Array(front.length + section.length + body.length);
  bytes.set(front);
  bytes.set(section, front.length);
  bytes.set(body, front.length + section.length);
  return bytes;
}

Deno.test("a module's file is hashed, validated and given back", async () => {
  const checker = new ModuleChecker();
  for (const bytes of [ADD_MODULE, moduleOf(16), moduleOf(100_000, 7)]) {
    assertEquals(await check(checker, bytes), { hash: await sha256(bytes), reason: undefined, bytes });
  }
  await checker.close();
});

Deno.test("a file that was cut off has another hash, whatever it has lost", async () => {
  const checker = new ModuleChecker();
  for (const size of [1000, 1_000_000]) {
    const path = await Deno.makeTempFile();
    const whole = new Uint8Array(size);
    whole.set(ADD_MODULE);
    await Deno.writeFile(path, whole.subarray(0, ADD_MODULE.length)); // the rest is zeros
    const checked = await checker.check(path, size, await sha256(whole));
    await Deno.remove(path);
    assertEquals(checked, { hash: await sha256(ADD_MODULE), reason: undefined, bytes: ADD_MODULE });
  }
  await checker.close();
});

Deno.test("a wrong function is refused with the engine's reason, and other bytes are not validated", async () => {
  const checker = new ModuleChecker();
  const bytes = ADD_MODULE.slice();
  bytes[bytes.length - 2] = 0x7c; // i64.add
  const { reason } = await check(checker, bytes);
  assertEquals([reason?.includes("function #0"), reason?.includes("WebAssembly.compile")], [true, false]);
  assertEquals(await check(checker, bytes, "0".repeat(64)), {
    hash: await sha256(bytes),
    reason: undefined,
    bytes,
  });
  await checker.close();
});

Deno.test("a file that cannot be read is the system's error, and the next check goes on", async () => {
  const checker = new ModuleChecker();
  const error = await assertRejects(() => checker.check("/nonexistent/file", 10, ""), Error);
  assertEquals([error instanceof GhostError, (error as { code?: string }).code], [false, "ENOENT"]);
  assertEquals((await check(checker, ADD_MODULE)).hash, await sha256(ADD_MODULE));
  await checker.close();
});

Deno.test("a checker that is closed waits for a check, but not for a long one", async () => {
  const path = await Deno.makeTempFile();
  // The first takes a fiftieth of a second and the second one and a half, on a machine that has nothing else to do.
  for (
    const [branches, time, code] of [[50_000, undefined, undefined], [1_500_000, 50, "STORE_FAULT"]] as const
  ) {
    const bytes = slowModule(branches);
    await Deno.writeFile(path, bytes);
    const checker = new ModuleChecker(time);
    const checking = checker.check(path, bytes.length, await sha256(bytes));
    const outcome = checking.then(() => undefined, (error) => error.code);
    await checker.close();
    assertEquals(await outcome, code);
    await assertFails(checker.check(path, bytes.length, ""), "STORE_FAULT", "the store is closed");
  }
  await Deno.remove(path);
});

Deno.test("a daemon answers others, and takes their modules, while it checks one that takes long", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  await using other = await daemon.connect();
  let answered = 0;
  let published = 0;
  let uploading = true;
  const upload = gpmd.upload({ name: "slow", version: "v1.0.0", module: slowModule(1_000_000) })
    .finally(() => uploading = false);
  while (uploading) {
    await other.status();
    answered++;
    if (answered % 20 > 0) continue;
    await other.upload({ name: "quick", version: `v1.0.${published++}`, module: ADD_MODULE });
  }
  await upload;
  assertGreater(answered, 200);
  assertGreater(published, 5);
  assertEquals((await gpmd.info("slow")).exports, []);
});

Deno.test({
  name: "a daemon without descriptors for another thread says so, goes on, and checks when it has them again",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using daemon = await startNarrowDaemon(60);
    const others: GpmdClient[] = [];
    const connect = () => GpmdClient.connect({ ...daemon.settings, signal: AbortSignal.timeout(1000) });
    await using gpmd = await connect();
    for (let room = true; room;) {
      await connect().then((other) => others.push(other), () => room = false);
    }
    const upload = () => gpmd.upload({ name: "m", version: "v1.0.0", module: ADD_MODULE });
    // Each that leaves gives a descriptor back, so that a thread would find any number of them, from none.
    let refused = 0;
    for (; others.length > 0; refused++) {
      const code = await upload().then(() => undefined, (error) => error.code);
      if (code === undefined) break;
      assertEquals(code, "RESOURCE_EXHAUSTED");
      await others.pop()!.close();
    }
    assertGreater(refused, 10);
    assertEquals((await gpmd.list()).map(({ name }) => name), ["m"]);
    for (const other of others) await other.close();
  },
});
