import { assertEquals } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import type { GpmdClient } from "../../../gpmd/client/client.ts";
import { TemporaryVersions } from "../../../gpmd/daemon/temporary_versions.ts";
import { openHome } from "../../../gpmd/store/home.ts";
import { ModuleStore } from "../../../gpmd/store/module_store.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { authenticated } from "../../gmp/_wire.ts";
import { ADD_MODULE, announce, moduleOf, storedFiles, temporaryHome } from "../_modules.ts";

const codeOf = (promise: Promise<unknown>) => promise.then(() => "done", (error) => error.code);

Deno.test("a temporary version ends with the last connection that published it, unless it was published for good", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  const versions = async () =>
    (await gpmd.list()).flatMap(({ name, versions }) => versions.map((one) => `${name} ${one}`));
  const upload = (client: GpmdClient, version: string, size = 100, temporary = true) =>
    client.upload({ name: "m", version, module: moduleOf(size), temporary });
  const [one, other] = [await daemon.connect(), await daemon.connect()];

  assertEquals((await upload(one, "1.0.0")).unchanged, false);
  assertEquals((await upload(other, "1.0.0")).unchanged, true);
  assertEquals(await codeOf(upload(other, "1.0.0", 101)), "VERSION_EXISTS");
  await upload(one, "2.0.0");
  await upload(one, "3.0.0");
  await gpmd.remove("m", "3.0.0");
  await upload(other, "3.0.0", 103); // another one of that name
  assertEquals((await upload(gpmd, "2.0.0", 100, false)).unchanged, false); // for good
  assertEquals((await upload(one, "2.0.0")).unchanged, true);
  await one.close();
  // Behind the end of the first; the second still holds what both had.
  await eventually("one end", async () => (await versions()).join() === "m v1.0.0,m v2.0.0,m v3.0.0");
  await other.close();
  await eventually("both ends", async () => (await versions()).join() === "m v2.0.0");
  const files = ["ghost.modules.json", "m-v2.0.0.wasm"].join();
  await eventually("its file alone", () => storedFiles(daemon.settings.home).join() === files);
});

Deno.test("a connection that ends while its version is checked leaves none, and one has so many at most", async () => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const size of [100, 3_000_000]) {
    const client = await daemon.connect();
    const uploaded = client.upload({ name: "m", version: "v1.0.0", module: moduleOf(size), temporary: true })
      .catch(() => {});
    await new Promise((resolve) => setTimeout(resolve));
    await client.close();
    await uploaded;
    await eventually("none", async () => (await gpmd.list()).length === 0);
  }
  await using client = await daemon.connect();
  const upload = (patch: number) =>
    client.upload({ name: "m", version: `0.0.${patch}`, module: ADD_MODULE, temporary: true });
  for (let patch = 0; patch < 16; patch++) await upload(patch);
  assertEquals(await codeOf(upload(16)), "TOO_MANY_REQUESTS");
  await client.remove("m", "0.0.3");
  assertEquals(await codeOf(upload(16)), "done");

  await using another = await daemon.connect();
  const atOnce = Array.from(
    { length: 20 },
    (_, patch) =>
      codeOf(another.upload({ name: "n", version: `0.0.${patch}`, module: ADD_MODULE, temporary: true })),
  );
  const codes = await Promise.all(atOnce);
  assertEquals(codes.filter((code) => code === "done").length, 16);
  assertEquals(codes.filter((code) => code === "TOO_MANY_REQUESTS").length, 4);
});

Deno.test("a version stays whose last holder ends while another connection publishes the same, unless that fails", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  let removed: Promise<unknown> = Promise.resolve();
  const temporary = new TemporaryVersions(store, (over) => removed = store.release(over));
  const channels = memoryPair().map((one) => new Channel(authenticated(one)));
  const [one, other] = channels as [Channel, Channel];
  const announced = { ...await announce("m", "1.0.0", ADD_MODULE), temporary: true };
  const publish = (channel: Channel, meanwhile = () => {}) =>
    temporary.admit(channel, announced, async () => {
      const upload = await store.begin(announced);
      await upload.write(ADD_MODULE);
      const { module } = await upload.commit();
      meanwhile();
      temporary.hold(channel, module);
    });
  for (let again = 0; again < 17; again++) await publish(one); // one version, however often
  await publish(other, () => temporary.release(one));
  await removed;
  assertEquals(store.list().length, 1);
  const failed = publish(one, () => {
    temporary.release(other);
    throw new Error("Cannot upload");
  });
  assertEquals(await failed.catch(({ message }) => message), "Cannot upload");
  await removed;
  assertEquals(store.list(), []);
  for (const channel of channels) await channel.close();
});
