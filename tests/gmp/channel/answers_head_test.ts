import { assertEquals, assertRejects } from "@std/assert";
import type { Body } from "../../../gmp/frames/body.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { Flag } from "../../../gmp/frames/frame.ts";
import { withChannels } from "../_wire.ts";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i);

Deno.test("a reply that goes ahead of DATA is seen first, and resolves the request after the last DATA", async () => {
  await withChannels({}, {
    handlers: {
      "module.get": async (request) => {
        request.head({ size: 6 });
        await Promise.resolve();
        request.send(bytes(4), Flag.MORE);
        request.send(bytes(2), 0);
        return { never: "sent" };
      },
    },
  }, async (channel) => {
    const seen: unknown[] = [];
    const reply = await channel.request("module.get", {}, {
      head: (body: Body) => seen.push(body),
      data: (chunk) => seen.push(chunk.slice()),
    });
    assertEquals(seen, [{ size: 6 }, bytes(4), bytes(2)]);
    assertEquals(reply, { size: 6 });
  });
});

Deno.test("an error after the reply that went ahead rejects the request", async () => {
  await withChannels({}, {
    handlers: {
      "module.get": (request) => {
        request.head({ size: 6 });
        request.send(bytes(4), Flag.MORE);
        throw new GhostError("STORE_FAULT");
      },
    },
  }, async (channel) => {
    assertEquals((await assertRejects(() => channel.request("module.get"), GhostError)).code, "STORE_FAULT");
  });
});
