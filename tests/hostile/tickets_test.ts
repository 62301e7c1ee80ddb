/** Tickets where they are not good; those of a front door alone are in tests/gvm/peers/front_door_test.ts. */
import { assertEquals } from "@std/assert";
import { SESSION_CAPS } from "../../gmp/frames/frame.ts";
import type { Audience } from "../../gmp/handshake/identity.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { assertFails } from "../gmp/_wire.ts";
import { type Credentials, startTarget, type Target } from "./_targets.ts";

async function enter(port: number, audience: Audience, { keyName, key }: Credentials): Promise<Channel> {
  return new Channel(await dial({ hostname: "127.0.0.1", port, audience, keyName, key, caps: SESSION_CAPS }));
}

/** Checks that `credentials` do not open `target`, and that those of its own still do. */
async function assertRefused(target: Target, credentials: Credentials): Promise<void> {
  await assertFails(enter(target.port, target.audience, credentials), "UNAUTHENTICATED");
}

Deno.test("an executor lets one in with a ticket, once, whoever else comes with it", async () => {
  await using target = await startTarget("executor", 1);
  const ticket = await target.credentials(0);
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, async () => {
      const channel = await enter(target.port, target.audience, ticket);
      await channel.request("function.resolve", { module: "math", function: "add" }).finally(() =>
        channel.close()
      );
    }),
  );
  assertEquals(attempts.filter(({ status }) => status === "fulfilled").length, 1);
  await assertRefused(target, ticket);
  await target.serve();
});

Deno.test("an executor does not let in who comes after the session was given up", async () => {
  await using target = await startTarget("executor", 1);
  const ticket = await target.credentials(0);
  await target.credentials(0); // closes the session before
  const channel = await enter(target.port, target.audience, ticket).catch((error) => error.code);
  if (channel instanceof Channel) assertEquals((await channel.closed)?.code, "TICKET_EXPIRED");
  else assertEquals(channel, "UNAUTHENTICATED");
  await target.serve();
});

Deno.test("keys are good at their own port only", async () => {
  await using daemon = await startTarget("gmp", 1);
  await using door = await startTarget("front-door", 1);
  await using executor = await startTarget("executor", 1);
  const secret = { keyName: SECRET_KEY_NAME, key: (await daemon.credentials(0)).key };
  await assertRefused(door, secret);
  await assertRefused(executor, secret);
  await assertRefused(executor, await door.credentials(0));
  await assertRefused(door, await executor.credentials(0));
  await assertRefused(daemon, await door.credentials(0));
  await assertRefused(daemon, await executor.credentials(0));
  for (const target of [daemon, door, executor]) await target.serve();
});
