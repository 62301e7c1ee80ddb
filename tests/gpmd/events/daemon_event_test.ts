import { assertEquals } from "@std/assert";
import { type DaemonEvent, DaemonEvents, levelOf } from "../../../gpmd/events/daemon_event.ts";
import { Daemon } from "../../../gpmd/daemon/daemon.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { ADD_MODULE, temporaryHome } from "../_modules.ts";

Deno.test("events reach every sink in order, until it is taken away", () => {
  const events = new DaemonEvents();
  const [one, other]: [DaemonEvent[], DaemonEvent[]] = [[], []];
  events.add((event) => one.push(event));
  const remove = events.add((event) => other.push(event));
  events.emit({ type: "daemon.stopping" });
  remove();
  events.emit({ type: "daemon.stopped" });
  assertEquals(one.map(({ type }) => type), ["daemon.stopping", "daemon.stopped"]);
  assertEquals(other.map(({ type }) => type), ["daemon.stopping"]);
  assertEquals(levelOf({ type: "fault", message: "x" }), "error");
  assertEquals(levelOf({ type: "daemon.stopped" }), "info");
});

Deno.test("what happens in a daemon is told as data, and is what its log has", async () => {
  using place = temporaryHome();
  const daemon = await Daemon.start({ home: place.home, commandPort: 0, gmpPort: 0 });
  const seen: DaemonEvent[] = [];
  daemon.events.add((event) => seen.push(event));
  await using client = await GpmdClient.connect({ home: place.home, ...daemon.ports });
  const { hash, size } = await client.upload({ name: "m", version: "v1.0.0", module: ADD_MODULE });
  await client.remove("m");
  const version = { name: "m", version: "v1.0.0", hash, size };
  await daemon.stop();
  assertEquals(seen, [
    { type: "module.published", ...version },
    { type: "module.removed", ...version },
    { type: "daemon.stopping" },
    { type: "daemon.stopped" },
  ]);
  const logged = Deno.readTextFileSync(`${place.home}/gpmd.log`).trim().split("\n").map((line) =>
    line.split(" ")[2]
  );
  assertEquals(logged, ["daemon.started", ...seen.map(({ type }) => type)]);
});
