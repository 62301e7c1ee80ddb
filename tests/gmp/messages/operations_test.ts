import { assertEquals, assertMatch } from "@std/assert";
import { Kind } from "../../../gmp/frames/frame.ts";
import { operationName, OPERATIONS } from "../../../gmp/messages/operations.ts";
import { assertFails, frameBytes, withPeer } from "../_wire.ts";

Deno.test("every operation has a number of its own, which a REQUEST can carry", () => {
  const numbers = Object.values(OPERATIONS);
  assertEquals(new Set<number>(numbers).size, numbers.length);
  for (const [name, number] of Object.entries(OPERATIONS)) {
    assertMatch(name, /^[a-z]+\.[a-z]+$/);
    assertEquals(number > 0 && number < 0x10000, true, name);
    assertEquals(operationName(number), name);
  }
});

Deno.test("the numbers on the wire do not change", () => {
  const { "node.register": register, "node.locate": locate, "module.put": put, "module.run": run } =
    OPERATIONS;
  assertEquals([register, locate, put, run], [1, 3, 19, 49]);
});

Deno.test("other numbers are not operations", () => {
  for (const number of [0, -1, 15, 0xffff, 1.5, NaN]) assertEquals(operationName(number), undefined);
});

Deno.test("the operations' numbers are those on the wire", async () => {
  await withPeer({}, async (channel, peer) => {
    const asking = assertFails(channel.request("module.run"), "TRAP");
    const frame = (await peer.next())!;
    assertEquals(frame.operation, OPERATIONS["module.run"]);
    await peer.send(frameBytes(Kind.ERROR, { id: frame.id, payload: { code: "TRAP", message: "Cannot" } }));
    await asking;
  });
});
