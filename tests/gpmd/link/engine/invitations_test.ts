import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { Invitations } from "../../../../gpmd/link/engine/invitations.ts";

/** A proof is the token itself here. */
const proofOf = (token: Uint8Array) => Promise.resolve(token);
const WRONG = new Uint8Array(16);
let strangers = 0;

/** A wrong try of a new device at `address`; what it is told. */
async function guess(invitations: Invitations, address: string): Promise<string> {
  const proving = () => invitations.prove(`stranger-${strangers++}`, address, WRONG, proofOf);
  const { code, message } = await assertRejects(proving, GhostError);
  assertEquals(code, "PAIRING_FAILED");
  return message;
}

Deno.test("three wrong tries end an invitation for their address, with whatever keys, and for no other", async () => {
  let ended = 0;
  const invitations = new Invitations(() => ended++);
  const invitation = invitations.open(60_000);
  for (let tries = 0; tries < 3; tries++) {
    assertEquals([invitations.admits("10.0.0.66"), ended], [true, 0]);
    await guess(invitations, "10.0.0.66");
  }
  assertEquals([invitations.admits("10.0.0.66"), ended], [false, 1]);
  assertEquals([invitations.admits("10.0.0.2"), invitations.isOpen], [true, true]);
  // Even who knows the code by now is too late there.
  const late = await assertRejects(
    () => invitations.prove("thief", "10.0.0.66", invitation.token, proofOf),
    GhostError,
    "wrong tries",
  );
  assertEquals(late.code, "PAIRING_FAILED");
  assertEquals(await invitations.prove("pi", "10.0.0.2", invitation.token, proofOf), invitation);
  // A new invitation is a new chance.
  const next = invitations.open(60_000);
  assertEquals(invitations.admits("10.0.0.66"), true);
  assertEquals(await invitations.prove("nas", "10.0.0.66", next.token, proofOf), next);
  invitations.end();
});

Deno.test("a thousand wrong tries, from wherever, end an invitation for everybody", async () => {
  let ended = 0;
  const invitations = new Invitations(() => ended++);
  const { token } = invitations.open(60_000);
  for (let tries = 0; tries < 999; tries++) await guess(invitations, `10.0.${tries >> 1}.1`);
  assertEquals([invitations.isOpen, ended], [true, 0]);
  await guess(invitations, "10.1.0.1");
  assertEquals(invitations.isOpen, false);
  await assertRejects(
    () => invitations.prove("pi", "10.0.0.2", token, proofOf),
    GhostError,
    "ended after wrong tries",
  );
});

Deno.test("a code that was used is good for nobody, nor for the device that has used it", async () => {
  const invitations = new Invitations(() => {});
  const invitation = invitations.open(60_000);
  const prove = (peer: string) => invitations.prove(peer, "10.0.0.2", invitation.token, proofOf);
  assertEquals(await prove("pi"), invitation);
  await assertRejects(() => prove("nas"), GhostError, "used by another device");
  invitations.use(invitation);
  await assertRejects(() => prove("nas"), GhostError, "used by another device");
  await assertRejects(() => prove("pi"), GhostError, "the code was used already");
});
