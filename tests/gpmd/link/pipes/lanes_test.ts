import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { LANE_CERTIFICATE_BYTES } from "../../../../gmp/messages/link.ts";
import { type LaneOffer, Lanes } from "../../../../gpmd/link/pipes/lanes.ts";
import { Pipes } from "../../../../gpmd/link/pipes/pipes.ts";
import { Ways } from "../../../../gpmd/link/pipes/ways.ts";
import { closingOf } from "./_lane.ts";
import { EchoServer, isOver, readUpTo, writeAll } from "./_sockets.ts";

const HERE = ["127.0.0.1"];

/** A device with lanes and pipes; without a port it only dials. */
async function device(id: string, port = 0): Promise<{ lanes: Lanes; pipes: Pipes; faults: GhostError[] }> {
  const pipes = new Pipes();
  const faults: GhostError[] = [];
  const lanes = await Lanes.open({
    id,
    hostname: "127.0.0.1",
    port,
    serve: (device, end) => void pipes.serve(device, end),
    fault: (error) => faults.push(error),
  });
  return { lanes, pipes, faults };
}

/** What the two would tell each other over their channel, when `one` asks. */
async function exchange(one: Lanes, other: Lanes, names: readonly [string, string]): Promise<void> {
  const answer = await other.answer(names[0], await one.offerTo(names[1]));
  await one.learn(names[1], answer);
}

async function assertUnreachable(dialling: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => dialling, GhostError)).code, "DEVICE_UNREACHABLE");
}

Deno.test("whoever has the answer may dial, and nobody before", async () => {
  const [laptop, pi] = [await device("laptop"), await device("pi")];
  assertEquals((await laptop.lanes.offerTo("pi")).certificate.length, LANE_CERTIFICATE_BYTES);
  await assertUnreachable(laptop.lanes.dial("pi", HERE));
  await exchange(laptop.lanes, pi.lanes, ["laptop", "pi"]);
  const end = await laptop.lanes.dial("pi", HERE);
  // Pi has not asked yet: it trusts, but does not know that it is trusted.
  await assertUnreachable(pi.lanes.dial("laptop", HERE));
  const closing = closingOf(end);
  end.abort();
  await closing;
  laptop.lanes.forget("pi");
  await assertUnreachable(laptop.lanes.dial("pi", HERE));
  await Promise.all([laptop.lanes.close(), pi.lanes.close()]);
});

Deno.test("a device that cannot listen says so, offers no port, and still dials", async () => {
  const pi = await device("pi");
  const laptop = await device("laptop", pi.lanes.port);
  assertEquals(laptop.faults.map(({ code }) => code), ["PORT_IN_USE"]);
  assertEquals(laptop.lanes.port, 0);
  await exchange(laptop.lanes, pi.lanes, ["laptop", "pi"]);
  await exchange(pi.lanes, laptop.lanes, ["pi", "laptop"]);
  await assertUnreachable(pi.lanes.dial("laptop", HERE));
  const end = await laptop.lanes.dial("pi", HERE);
  const closing = closingOf(end);
  end.abort();
  await closing;
  await Promise.all([laptop.lanes.close(), pi.lanes.close()]);
});

Deno.test("a certificate that is none is refused, whoever sends it", async () => {
  const { lanes } = await device("laptop");
  const pi = await device("pi");
  const right = await pi.lanes.offerTo("laptop");
  const certificate = new Uint8Array(LANE_CERTIFICATE_BYTES);
  const wrongs: LaneOffer[] = [
    { ...right, certificate },
    { ...right, proof: new Uint8Array(64) },
    { ...right, proof: right.proof.with(0, right.proof[0]! ^ 1) },
    await pi.lanes.offerTo("nas"), // what was sent to another
  ];
  for (const wrong of wrongs) {
    for (const take of [() => lanes.answer("pi", wrong), () => lanes.learn("pi", wrong)]) {
      assertEquals((await assertRejects(take, GhostError)).code, "BAD_REQUEST");
    }
  }
  await lanes.answer("pi", right);
  await pi.lanes.close();
  await lanes.close();
});

Deno.test("a device that sends the certificate of another as its own is refused, and takes no lane from that one", async () => {
  const [laptop, pi, thief] = [await device("laptop"), await device("pi"), await device("thief")];
  const stolen = await laptop.lanes.offerTo("thief");
  const { proof } = await thief.lanes.offerTo("pi");
  for (const offer of [stolen, { ...stolen, proof }, await laptop.lanes.offerTo("pi")]) {
    assertEquals(
      (await assertRejects(() => pi.lanes.answer("thief", offer), GhostError)).code,
      "BAD_REQUEST",
    );
  }
  await exchange(laptop.lanes, pi.lanes, ["laptop", "pi"]);
  const end = await laptop.lanes.dial("pi", HERE);
  const closing = closingOf(end);
  end.abort();
  await closing;
  await Promise.all([laptop.lanes.close(), pi.lanes.close(), thief.lanes.close()]);
});

Deno.test("a pipe goes by a lane from port to port, and by a stream where there is none", async () => {
  await using echo = await EchoServer.open();
  const [laptop, pi] = [await device("laptop"), await device("pi")];
  await exchange(laptop.lanes, pi.lanes, ["laptop", "pi"]);
  const streamed: string[] = [];
  const ways = new Ways({
    lane: (name) => laptop.lanes.dial(name, HERE),
    stream: (name) => {
      streamed.push(name);
      return Promise.reject(new GhostError("DEVICE_UNREACHABLE"));
    },
  });
  assertEquals(ways.hasLane("pi"), false);
  await ways.explore("pi");
  assertEquals(ways.hasLane("pi"), true);
  const token = pi.pipes.offer("laptop", echo.port);
  const connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: await laptop.pipes.openOnce("pi", () => ways.open("pi", token)),
  });
  await writeAll(connection, Uint8Array.of(1, 2, 3));
  assertEquals(await readUpTo(connection, 3), Uint8Array.of(1, 2, 3));
  await connection.closeWrite();
  assert(await isOver(connection));
  connection.close();
  assertEquals(streamed, []);
  // Pi's link has begun anew, or lost its channel: the lane is gone, and the next pipe tries once.
  pi.lanes.forget("laptop");
  await assertUnreachable(ways.open("pi", token));
  assertEquals([streamed, ways.hasLane("pi")], [["pi"], false]);
  await Promise.all([laptop.lanes.close(), pi.lanes.close()]);
});
