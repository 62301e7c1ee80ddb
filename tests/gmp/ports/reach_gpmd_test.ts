import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { newKey } from "../../../gmp/handshake/keys.ts";
import { reachGpmd } from "../../../gmp/ports/reach_gpmd.ts";

/** The code with which GPMD cannot be reached where `port` is. */
async function codeAt(port: number): Promise<string> {
  return (await assertRejects(() => reachGpmd({ audience: "gpmd/nodes", port }, newKey()), GhostError)).code;
}

Deno.test("a GPMD that ends while it is dialled is not running; what leaves again and again is another program", async () => {
  const ending = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ended = ending.accept().then((connection) => {
    ending.close();
    connection.close();
  });
  assertEquals(await codeAt(ending.addr.port), "GPMD_NOT_RUNNING");
  await ended;

  const leaving = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const left = (async () => {
    for await (const connection of leaving) connection.close();
  })();
  assertEquals(await codeAt(leaving.addr.port), "UNAUTHENTICATED");
  leaving.close();
  await left;
});
