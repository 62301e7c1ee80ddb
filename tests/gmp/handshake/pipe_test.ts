// Handshakes over a pipe from another device: their proof says port 0, and only their tickets are good with it.
import { assertEquals } from "@std/assert";
import { Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { type Accepted, acceptHandshake } from "../../../gmp/handshake/handshake.ts";
import { newKey, ticketName } from "../../../gmp/handshake/keys.ts";
import { TicketBox } from "../../../gmp/handshake/tickets.ts";
import { dialWithTicket } from "../../../gmp/ports/dial_with_ticket.ts";
import { TcpTransport } from "../../../gmp/ports/tcp.ts";
import { accept, challenged, connect, KEY, macOf, NONCE, PORT, proof, test } from "../_handshake.ts";
import { assertFails, Peer } from "../_wire.ts";

/** The key of both sides as that of somebody who comes over a pipe, or who does not. */
function credential(isPiped: boolean) {
  return { credential: () => ({ key: KEY, isPiped, take: () => "friend" }) };
}

test("a ticket for a pipe is good with port 0", async (client, server) => {
  const [{ holder }] = await Promise.all([accept(server, credential(true)), connect(client, { port: 0 })]);
  assertEquals(holder, "friend");
});

test("a ticket for a pipe is not good with the port that is dialled", async (client, server) => {
  const refused = assertFails(accept(server, credential(true)), "UNAUTHENTICATED");
  await assertFails(connect(client, { port: PORT }), "UNAUTHENTICATED");
  await refused;
});

test("any other key is not good with port 0", async (client, server) => {
  const refused = assertFails(accept(server, credential(false)), "UNAUTHENTICATED");
  await assertFails(connect(client, { port: 0 }), "UNAUTHENTICATED");
  await refused;
});

test("the MACs over a pipe are those of protocol.md with port 0", async (client, server) => {
  const peer = new Peer(client);
  const accepting = accept(server, credential(true));
  const nonce = await challenged(peer);
  await peer.send(proof(nonce, KEY, "secret", 0));
  assertEquals(await peer.body(Kind.WELCOME), { mac: macOf("gmp/2 server", NONCE, nonce, KEY, 0) });
  await accepting;
});

/** One connection to a port behind `box`. */
async function dialled(box: TicketBox<string>, ticket: Uint8Array, isPiped: boolean): Promise<string> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const audience = "node/1";
  const serving = listener.accept().then((connection): Promise<Accepted<string>> =>
    acceptHandshake(new TcpTransport(connection), {
      audience,
      port,
      software: "",
      credential: (name) => box.credential(name),
      caps: SESSION_CAPS,
    })
  );
  const refused = serving.then(({ holder, transport }) => {
    transport.close();
    return holder;
  }, (error) => error.code);
  const outcome = dialWithTicket({ port, isPiped, ticket, audience });
  await outcome.then(({ transport }) => transport.close(), () => {});
  return await refused;
}

Deno.test("a ticket of a box says whether its holder comes over a pipe, and is not used up by who does not", async () => {
  const box = new TicketBox<string>();
  const [far, near] = [newKey(), newKey()];
  await box.admit(far, "far", { isPiped: true });
  await box.admit(near, "near");
  assertEquals((await box.credential(await ticketName(far)))?.isPiped, true);
  assertEquals(await dialled(box, far, false), "UNAUTHENTICATED");
  assertEquals(await dialled(box, near, true), "UNAUTHENTICATED");
  assertEquals([await dialled(box, far, true), await dialled(box, near, false)], ["far", "near"]);
  assertEquals([await dialled(box, far, true), box.size], ["UNAUTHENTICATED", 0]);
});
