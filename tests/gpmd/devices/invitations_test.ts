import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { Invitations } from "../../../gpmd/devices/invitations.ts";

/** The code of the error with which `used` fails. */
async function refusal(used: Promise<void>): Promise<string> {
  return (await assertRejects(() => used, GhostError)).code;
}

Deno.test("a code is one device's: it may ask again, gets nothing twice, and keeps it when its grants cannot be written", async () => {
  const invitations = new Invitations();
  invitations.add("code", 60_000, ["math"]);
  const given: unknown[] = [];
  const use = (device: string) =>
    invitations.use("code", device, (what) => Promise.resolve(given.push(what)));
  const full = () => Promise.reject(new GhostError("STORE_FAULT"));
  assertEquals(await refusal(invitations.use("code", "pi", full)), "STORE_FAULT");
  await use("pi");
  await use("pi");
  assertEquals(given, [["math"]]);
  assertEquals(await refusal(use("nas")), "PAIRING_FAILED");
  invitations.forget("pi");
  assertEquals(await refusal(use("pi")), "PAIRING_FAILED");
  assertEquals(given, [["math"]]);
});

Deno.test("64 invitations may be open; those that were used or are too old make room", async () => {
  let now = 0;
  const invitations = new Invitations(() => now);
  const add = (code: string) => {
    invitations.checkRoom();
    invitations.add(code, 1000, undefined);
  };
  for (let i = 0; i < 64; i++) add(`${i}`);
  const full = new Promise<void>((_, reject) => {
    try {
      invitations.checkRoom();
    } catch (error) {
      reject(error);
    }
  });
  assertEquals(await refusal(full), "TOO_MANY_REQUESTS");
  await invitations.use("7", "pi", () => Promise.resolve());
  add("next");
  assertEquals(await refusal(invitations.use("7", "pi", () => Promise.resolve())), "PAIRING_FAILED");
  now = 1001;
  assertEquals(await refusal(invitations.use("8", "pi", () => Promise.resolve())), "PAIRING_FAILED");
  for (let i = 0; i < 64; i++) add(`late ${i}`);
});
