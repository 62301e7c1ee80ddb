import { assertEquals, assertNotEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import { KEY_BYTES, LINK_KEY_NAME, linkKey, newKey, SECRET_KEY_NAME } from "../../../gmp/handshake/keys.ts";

Deno.test("the link's key is an HMAC of the secret, another one for every secret", async () => {
  const secret = newKey();
  const key = await linkKey(secret);
  assertEquals(key.length, KEY_BYTES);
  assertEquals(key.toHex(), createHmac("sha256", secret).update("gmp/2 link").digest("hex"));
  assertNotEquals(key, secret);
  assertNotEquals(LINK_KEY_NAME, SECRET_KEY_NAME);
  assertNotEquals(key, await linkKey(newKey()));
});
