// A device gets another name, and its link ends before it answers: what was begun is finished or undone by the next one.
import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { statIfThere } from "../../../gmp/device/durable.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { inviting, pair, serveLink } from "./_link.ts";

/** Pairs `pi` with `daemon`, and has its link die when it is asked to rename that. */
async function renameWithDyingLink(daemon: TestDaemon): Promise<void> {
  const link = await serveLink(daemon, {
    ...inviting("code"),
    "device.rename": () =>
      link.channel.abort(new GhostError("CONNECTION_LOST", "The link was killed")) as never,
  });
  await pair(daemon, { device: "pi", code: "code", link }, ["math.*"]);
  await using gpmd = await daemon.connect();
  const error = await assertRejects(() => gpmd.renameDevice("pi", "kitchen"), GhostError, "gpmd device list");
  assertEquals(error.code, "CONNECTION_LOST");
}

/** What is granted to `pi` and to `kitchen` once a link that calls the device `name` has decided. */
async function decidedBy(daemon: TestDaemon, name: string): Promise<[pi: string[], kitchen: string[]]> {
  const device = { id: "key", addresses: [], since: "2026-01-01", reachable: false };
  await using _link = await serveLink(daemon, { "device.list": () => ({ devices: [{ ...device, name }] }) });
  const file = `${daemon.settings.home}/renaming.json`;
  await eventually("a decision", async () => await statIfThere(file) === undefined);
  await using gpmd = await daemon.connect();
  const grantsOf = async (device: string) => (await gpmd.grants(device)).map(({ what }) => what);
  return [await grantsOf("pi"), await grantsOf("kitchen")];
}

Deno.test("a link that dies while it renames a device: the next one tells whether its grants have the new name", async () => {
  await using daemon = await startDaemon();
  await renameWithDyingLink(daemon);
  assertEquals(await decidedBy(daemon, "pi"), [["math.*"], []]);
  await renameWithDyingLink(daemon);
  assertEquals(await decidedBy(daemon, "other"), [[], []]); // it was removed since
  await renameWithDyingLink(daemon);
  assertEquals(await decidedBy(daemon, "kitchen"), [[], ["math.*"]]);
});

Deno.test("a renaming outlives GPMD, too, and is finished once", async () => {
  await using first = await startDaemon();
  const { settings } = first;
  const file = `${settings.home}/renaming.json`;
  await renameWithDyingLink(first);
  const begun = await Deno.readTextFile(file);
  first.process.kill("SIGKILL");
  await first.process.status;
  await using daemon = await startDaemon(settings);
  assertEquals(await decidedBy(daemon, "kitchen"), [[], ["math.*"]]);
  // GPMD may have ended between the last two steps.
  await Deno.writeTextFile(file, begun);
  assertEquals(await decidedBy(daemon, "kitchen"), [[], ["math.*"]]);
});
