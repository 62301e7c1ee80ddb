import { assertEquals, assertRejects } from "@std/assert";
import { newKey, ticketName } from "../../../gmp/handshake/keys.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import { TICKET_TIME, TicketBox } from "../../../gmp/handshake/tickets.ts";
import { accept, connect } from "../_handshake.ts";
import { assertFails } from "../_wire.ts";

/** A box whose time is set by hand, and a ticket in it. */
async function boxWithTicket(): Promise<{
  box: TicketBox<string>;
  ticket: Uint8Array;
  name: string;
  clock: { now: number };
}> {
  const clock = { now: 1_000_000 };
  const box = new TicketBox<string>(TICKET_TIME, () => clock.now);
  const ticket = newKey();
  await box.admit(ticket, "guest");
  return { box, ticket, name: await ticketName(ticket), clock };
}

Deno.test("a ticket is found by its name and used up once", async () => {
  const { box, ticket, name } = await boxWithTicket();
  const [first, second] = [await box.credential(name), await box.credential(name)];
  assertEquals([first?.key, second?.key], [ticket, ticket]);
  assertEquals([first?.take(), second?.take()], ["guest", undefined]);
  assertEquals([await box.credential(name), box.size], [undefined, 0]);
});

Deno.test("a ticket is good for thirty seconds, to the millisecond", async () => {
  const { box, ticket, name, clock } = await boxWithTicket();
  clock.now += 30_000;
  assertEquals((await box.credential(name))?.key, ticket);
  clock.now += 1;
  assertEquals(await box.credential(name), undefined);
});

Deno.test("a ticket that expires in the middle of its handshake is not used", async () => {
  const { box, name, clock } = await boxWithTicket();
  const credential = await box.credential(name);
  clock.now += TICKET_TIME + 1;
  assertEquals(credential?.take(), undefined);
});

Deno.test("who comes with a ticket that is being admitted waits for that", async () => {
  const box = new TicketBox<number>();
  const tickets = Array.from({ length: 100 }, newKey);
  const names = await Promise.all(tickets.map(ticketName));
  const admissions = tickets.map((ticket, i) => box.admit(ticket, i));
  assertEquals(await Promise.all(names.map(async (name) => (await box.credential(name))?.key)), tickets);
  await Promise.all(admissions);
});

Deno.test("the handshake of a ticket that is too late fails as that of an unknown one", async () => {
  const { box, ticket, name, clock } = await boxWithTicket();
  clock.now += TICKET_TIME + 1;
  const [client, server] = memoryPair();
  const accepting = assertFails(
    accept(server, { credential: (name) => box.credential(name) }),
    "UNAUTHENTICATED",
  );
  await assertFails(connect(client, { keyName: name, key: ticket }), "UNAUTHENTICATED");
  await accepting;
});

Deno.test("tickets that were never used are forgotten, and of too many the oldest", async () => {
  const { box, name, clock } = await boxWithTicket();
  clock.now += TICKET_TIME + 1;
  await box.admit(newKey(), "next");
  assertEquals(box.size, 1);
  for (let i = 0; i < 16_384; i++) await box.admit(newKey(), "more");
  assertEquals([box.size, await box.credential(name)], [16_384, undefined]);
});

Deno.test("what has not 32 bytes is no ticket, and does not keep others waiting", async () => {
  const box = new TicketBox<string>();
  await assertRejects(() => box.admit(new Uint8Array(31), "guest"), TypeError);
  assertEquals(await box.credential("ticket:"), undefined);
});
