import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { openDeviceKey } from "../../../../gpmd/link/engine/device_key.ts";
import { DeviceStore, type StoredDevice } from "../../../../gpmd/link/engine/device_store.ts";

async function withDirectory(steps: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "ghost-link-" });
  try {
    await steps(directory);
  } finally {
    await Deno.chmod(directory, 0o700);
    await Deno.remove(directory, { recursive: true });
  }
}

const laptop: StoredDevice = {
  name: "laptop",
  id: "12D3KooWLaptop",
  addresses: ["192.168.1.20:5990"],
  since: "2026-11-27T08:00:00.000Z",
};
const pi: StoredDevice = { ...laptop, name: "pi", id: "12D3KooWPi", lastSeen: "2026-11-27T09:00:00.000Z" };

Deno.test("the key is drawn once, however many draw it at once, and only its owner may read it", async () => {
  await withDirectory(async (directory) => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => openDeviceKey(directory)));
    assertEquals(new Set(keys.map(({ publicKey }) => publicKey.toString())).size, 1);
    const { mode, size } = await Deno.stat(`${directory}/key`);
    assertEquals([mode! & 0o777, size], [0o600, 32]);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["key"]);
    assertEquals((await openDeviceKey(directory)).raw, keys[0]!.raw);
    await Deno.remove(`${directory}/key`);
    assertNotEquals((await openDeviceKey(directory)).raw, keys[0]!.raw);
  });
});

Deno.test("a directory or a key that is open to others, a link or of another length is refused", async () => {
  await withDirectory(async (directory) => {
    await openDeviceKey(directory);
    const refused = async (reason: string) => {
      const error = await assertRejects(() => openDeviceKey(directory), GhostError);
      assertEquals(error.code, "STORE_FAULT");
      assert(error.message.includes(reason), error.message);
    };
    await Deno.chmod(`${directory}/key`, 0o640);
    await refused("chmod 600");
    await Deno.chmod(`${directory}/key`, 0o600);
    await Deno.chmod(directory, 0o755);
    await refused("chmod 700");
    await Deno.chmod(directory, 0o700);
    await Deno.rename(`${directory}/key`, `${directory}/elsewhere`);
    await Deno.symlink(`${directory}/elsewhere`, `${directory}/key`);
    await refused("symbolic link");
    await Deno.remove(`${directory}/key`);
    await Deno.writeFile(`${directory}/key`, new Uint8Array(31), { mode: 0o600 });
    await refused("31 bytes");
  });
});

Deno.test("what devices say of themselves is written a while later, all of it at once", async () => {
  await withDirectory(async (directory) => {
    const store = await DeviceStore.open(directory);
    await store.put(laptop);
    const before = await Deno.stat(`${directory}/devices.json`);
    const fail = (error: Error) => {
      throw error;
    };
    for (let port = 1; port <= 20_000; port++) {
      store.note(laptop.id, { addresses: [`10.0.0.1:${port}`] }, fail);
    }
    store.note(pi.id, { addresses: ["10.0.0.2:1"] }, fail); // it is not paired
    assertEquals(store.all, [{ ...laptop, addresses: ["10.0.0.1:20000"] }]);
    assertEquals((await Deno.stat(`${directory}/devices.json`)).ino, before.ino);
    await store.written();
    assertNotEquals((await Deno.stat(`${directory}/devices.json`)).ino, before.ino);
    assertEquals((await DeviceStore.open(directory)).all, store.all);
  });
});

Deno.test("devices are there again after a restart, by name, and none has another's name", async () => {
  await withDirectory(async (directory) => {
    const store = await DeviceStore.open(directory);
    assertEquals(store.all, []);
    await Promise.all([store.put(pi), store.put(laptop)]);
    assertEquals((await Deno.stat(`${directory}/devices.json`)).mode! & 0o777, 0o600);
    const again = await DeviceStore.open(directory);
    assertEquals(again.all, [laptop, pi]);
    assertEquals(again.named("pi"), pi);
    const taken = await assertRejects(() => again.put({ ...pi, name: "laptop" }), GhostError);
    assertEquals(taken.code, "NAME_TAKEN");
    await again.put({ ...pi, name: "raspberry" });
    await again.delete(laptop.id);
    assertEquals((await DeviceStore.open(directory)).all.map(({ name }) => name), ["raspberry"]);
    const gone = await assertRejects(async () => await again.named("laptop"), GhostError);
    assertEquals(gone.code, "DEVICE_NOT_FOUND");
  });
});

Deno.test("a file of devices that is not of its form is refused, with the reason", async () => {
  await withDirectory(async (directory) => {
    const file = (devices: unknown, format: unknown = 1) => JSON.stringify({ format, devices });
    const wrong: [string, string][] = [
      ["", "not JSON"],
      ["null", "format 1"],
      [file([], 2), "format 1"],
      [file({}), "not a list"],
      [file([{ ...pi, name: "Pi" }]), "not a list"],
      [file([{ ...pi, id: 7 }]), "not a list"],
      [file([{ ...pi, addresses: ["somewhere"] }]), "not a list"],
      [file([{ ...pi, since: undefined }]), "not a list"],
      [file([pi, { ...laptop, name: "pi" }]), "not a list"],
      [" ".repeat((1 << 21) + 1), "more than"],
    ];
    for (const [text, reason] of wrong) {
      await Deno.writeTextFile(`${directory}/devices.json`, text, { mode: 0o600 });
      const error = await assertRejects(
        () => DeviceStore.open(directory),
        GhostError,
        reason,
        text.slice(0, 99),
      );
      assertEquals(error.code, "STORE_FAULT");
    }
    await Deno.chmod(`${directory}/devices.json`, 0o644);
    await assertRejects(() => DeviceStore.open(directory), GhostError, "chmod 600");
  });
});

Deno.test("a device that cannot be written is not there", async () => {
  await withDirectory(async (directory) => {
    const store = await DeviceStore.open(directory);
    await store.put(laptop);
    await Deno.remove(`${directory}/devices.json`);
    await Deno.mkdir(`${directory}/devices.json`);
    const error = await assertRejects(() => store.put(pi), GhostError);
    assertEquals(error.code, "STORE_FAULT");
    assertEquals(store.all, [laptop]);
    await assertRejects(() => store.put({ ...laptop, name: "other" }), GhostError);
    assertEquals(store.all, [laptop]);
  });
});

Deno.test("the name that a device had is nobody else's while tickets for it may be out", async () => {
  await withDirectory(async (directory) => {
    let now = 0;
    const store = await DeviceStore.open(directory, () => now);
    await store.put(pi);
    await store.put(laptop);
    await store.put({ ...pi, name: "kitchen" });
    const taking = () => store.put({ ...laptop, name: "pi" });
    for (now of [0, 29_999]) assertEquals((await assertRejects(taking, GhostError)).code, "NAME_TAKEN");
    assertEquals(store.all.map(({ name }) => name), ["kitchen", "laptop"]);
    await store.put(pi); // its own it may have back
    await store.put({ ...pi, name: "kitchen" });
    now += 30_000;
    await taking();
    assertEquals(store.all.map(({ name }) => name), ["kitchen", "pi"]);
  });
});
