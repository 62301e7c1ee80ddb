import { assert, assertEquals } from "@std/assert";
import { assertFails, Harness } from "../harness.ts";

Deno.test("a program compiled by AssemblyScript aborts with its message, traces, and draws random numbers", async () => {
  await using harness = new Harness();
  const caller = await harness.caller();
  assertEquals(await caller.call("assembly.next"), 1);
  assertEquals(
    (await assertFails("TRAP", caller.call("assembly.fail"))).message,
    "The module aborted: out of soup: ✗ in assembly.ts:10:3",
  );
  assertEquals(await caller.call("assembly.next"), 1, "the instance is a new one");
  assertEquals(await caller.call("assembly.check", [7]), 7);
  assertEquals(
    (await assertFails("TRAP", caller.call("assembly.check", [-7]))).message,
    "The module aborted: value must be positive in assembly.ts:14:3",
  );
  const traced: string[] = [];
  await caller.call("assembly.traced", [], {
    output: (bytes, stream) => traced.push(`${stream} ${new TextDecoder().decode(bytes)}`),
  });
  assertEquals(traced.join(""), "stderr trace: plain\nstderr trace: numbers 1, 2.5, -3\n");
  const drawn = new Set<unknown>();
  for (let draw = 0; draw < 10; draw++) {
    const value = await caller.call("assembly.random");
    assert(typeof value === "number" && value >= 0 && value < 1);
    drawn.add(value);
    await caller.client.reset({ module: "assembly" });
  }
  assertEquals(drawn.size, 10, "each instance has a seed of its own");
});
