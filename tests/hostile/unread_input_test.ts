/** A caller that sends standard input, for as many runs as it can, which none of them ever reads. */
import { assertEquals, assertLess } from "@std/assert";
import { Channel } from "../../gmp/channel/channel.ts";
import { CONNECTION_BUDGET } from "../../gmp/frames/budget.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import { encodeBody } from "../../gmp/frames/body.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { dialWithTicket } from "../../gmp/ports/dial_with_ticket.ts";
import { Harness, residentMegabytes } from "../gvm/harness.ts";
import { eventually } from "../tools/commands.ts";

const MIB = 1 << 20;
/** What is on the way beside what is held: both buffers of the socket, and V8's garbage. */
const MARGIN = 64;

Deno.test("standard input that no run reads is held back, and goes with its caller", async () => {
  await using harness = new Harness({ size: 1, limits: { time: 120_000 } });
  const friend = await harness.caller();
  assertEquals(await friend.call("counter.next"), 1);
  const [executor] = harness.executors;
  const before = residentMegabytes(executor!);

  const hosted = harness.pool.open({ role: "command" }, () => {}, { isOwn: true });
  const { executor: id, address, ticket } = await hosted.place();
  const channel = new Channel(
    await dialWithTicket({ port: address.loopback, ticket, audience: `executor/${id}` }),
  );
  const body = encodeBody({ module: "program", argv: ["sleep", "1000"] });
  const half = new Uint8Array(MIB / 2);
  const { outbox } = channel;
  let sent = 0;
  let taken = 0;
  const send = async (): Promise<void> => {
    // Just below what a run may have waiting for it, so that no run by itself holds the connection.
    for (let run = 1; run <= 1000 && channel.open; run++) {
      outbox.append(Kind.REQUEST, Flag.MORE, OPERATIONS["module.run"], run, body);
      outbox.append(Kind.DATA, Flag.MORE, 0, run, half);
      outbox.append(Kind.DATA, Flag.MORE, 0, run, half.subarray(2000));
      sent += MIB;
      await outbox.drained(0);
      taken = sent;
    }
  };
  const sending = send();
  let last = -1;
  let rests = 0;
  await eventually("the end of what is taken", () => {
    rests = taken === last && taken > CONNECTION_BUDGET / 2 ? rests + 1 : 0;
    last = taken;
    return rests > 100;
  });
  assertLess(taken, CONNECTION_BUDGET + MARGIN * MIB);
  assertLess(residentMegabytes(executor!) - before, 2 * CONNECTION_BUDGET / MIB + MARGIN);
  assertEquals(await friend.call("counter.next"), 2);

  hosted.close();
  await Promise.all([channel.closed, sending]);
  // What its runs held is there for the next, who may fill it again.
  const next = await harness.caller();
  assertEquals(
    await next.run("program", ["talk"], { stdin: "x".repeat(4 * MIB) }).text(),
    `one\n${"x".repeat(4 * MIB)}end\n`,
  );
  assertEquals([await friend.call("counter.next"), harness.executors], [3, [executor]]);
});
