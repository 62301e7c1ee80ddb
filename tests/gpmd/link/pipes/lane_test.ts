import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { makeCertificate } from "../../../../gpmd/link/pipes/lane_certificate.ts";
import { LaneServer } from "../../../../gpmd/link/pipes/lane_server.ts";
import { pump } from "../../../../gpmd/link/pipes/pump.ts";
import { closingOf, LanePair } from "./_lane.ts";
import { pumpSuite } from "./_pump_suite.ts";
import { endAndSocket } from "./_sockets.ts";

pumpSuite("two sockets and a lane between", async () => {
  const lane = await LanePair.open();
  const [[one, near], [other, far]] = await Promise.all([endAndSocket(), endAndSocket()]);
  const there = new Promise<void>((resolve) => lane.serve = (_, end) => resolve(pump(end, other)));
  const here = pump(one, await lane.dial());
  return { sockets: [near, far], over: Promise.all([here, there]).then(() => lane.server.close()) };
});

async function assertUnreachable(dialling: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => dialling, GhostError)).code, "DEVICE_UNREACHABLE");
}

Deno.test("the server knows which device has come, and each only by its own certificate", async () => {
  await using lane = await LanePair.open();
  const nas = await makeCertificate();
  lane.server.trust("nas", nas);
  const ends = [await lane.dial(), await lane.dial({ own: nas })];
  assertEquals(lane.served.map(({ device }) => device), ["laptop", "nas"]);
  assertEquals(lane.server.waiting, 0);
  for (const end of ends) end.abort();
});

Deno.test("a device comes with its new certificate after it began anew, and not with the old one", async () => {
  await using lane = await LanePair.open();
  const next = await makeCertificate();
  lane.server.trust("laptop", next);
  await assertUnreachable(lane.dial());
  (await lane.dial({ own: next })).abort();
});

Deno.test("a device that is removed gets in no more", async () => {
  await using lane = await LanePair.open();
  (await lane.dial()).abort();
  lane.server.distrust("laptop");
  await assertUnreachable(lane.dial());
  assertEquals(lane.served.length, 1);
});

Deno.test("nobody gets in where nobody is trusted, not even with the server's own certificate", async () => {
  await using lane = await LanePair.open({ trusts: false });
  await assertUnreachable(lane.dial());
  await assertUnreachable(lane.dial({ own: lane.pi }));
  assertEquals([lane.served.length, lane.server.waiting], [0, 0]);
});

Deno.test("what listens with another certificate is not the device", async () => {
  await using lane = await LanePair.open();
  await using other = await LanePair.open();
  await assertUnreachable(lane.dial({ port: other.port }));
  // A certificate of another name is not enough, even where its key is known.
  await assertUnreachable(lane.dial({ peer: { ...lane.pi, name: other.pi.name } }));
});

Deno.test("of several addresses the one that answers is taken, and nothing stays of the others", async () => {
  await using lane = await LanePair.open();
  const end = await lane.dial({ addresses: ["127.0.0.9", "127.0.0.1", "127.0.0.1"] });
  const closing = closingOf(end);
  assert(lane.served.length >= 1);
  end.abort();
  await closing;
});

Deno.test("an address that is silent is given up in time", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using lane = await LanePair.open();
  const began = performance.now();
  await assertUnreachable(lane.dial({ port: silent.addr.port, time: 100 }));
  assert(performance.now() - began >= 99);
});

Deno.test("an address that the settings do not admit is closed before TLS begins", async () => {
  await using lane = await LanePair.open();
  const asked: string[] = [];
  const server = new LaneServer({
    own: lane.pi,
    serve: () => {
      throw new Error("Nobody was to come in");
    },
    admits: (address) => {
      asked.push(address);
      return false;
    },
  });
  server.trust("laptop", lane.laptop);
  await assertUnreachable(lane.dial({ port: await server.listen("127.0.0.1", 0) }));
  assertEquals([asked, server.waiting], [["127.0.0.1"], 0]);
  await server.close();
});

Deno.test("a port that is held by another program is named", async () => {
  await using lane = await LanePair.open();
  await using other = await LanePair.open();
  const server = new LaneServer({ own: other.pi, serve: () => {} });
  const error = await assertRejects(() => server.listen("127.0.0.1", lane.port), GhostError);
  assertEquals(error.code, "PORT_IN_USE");
});
