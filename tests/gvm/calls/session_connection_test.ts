// What becomes of the calls of a connection that breaks: the peer's word comes before, amid or after the break.
import { assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { SessionConnection } from "../../../gvm/calls/session_connection.ts";
import { withPeer } from "../../gmp/_wire.ts";

/** A connection with `asking` requests under way, which has broken. */
async function broken(asking: number): Promise<SessionConnection> {
  let connection!: SessionConnection;
  await withPeer({}, async (channel) => {
    connection = new SessionConnection(channel, "an executor", false, undefined);
    for (let id = 1; id <= asking; id++) connection.decided(id, new Promise(() => {}));
    channel.abort(new GhostError("CONNECTION_LOST"));
    await channel.closed;
  });
  return connection;
}

Deno.test("a request that was ended amid the break fails with that, not with what is decided of the others", async () => {
  const connection = await broken(2);
  const codes: string[] = [];
  assertEquals(connection.stop(2, new GhostError("NOT_GRANTED")), true);
  connection.undecided(2, ({ code }) => codes.push(code));
  connection.undecided(1, ({ code }) => codes.push(code));
  connection.decide(new GhostError("EXECUTOR_RESTARTED"));
  connection.undecided(2, ({ code }) => codes.push(code));
  assertEquals(codes, ["NOT_GRANTED", "EXECUTOR_RESTARTED", "EXECUTOR_RESTARTED"]);
});

Deno.test("no more of a peer's words are kept than requests are under way, and none once all is decided", async () => {
  const connection = await broken(2);
  const error = new GhostError("NOT_GRANTED");
  assertEquals([7, 8, 9].map((id) => connection.stop(id, error)), [true, true, false]);
  const decided = await broken(2);
  decided.decide(new GhostError("EXECUTOR_RESTARTED"));
  assertEquals(decided.stop(7, error), false);
});
