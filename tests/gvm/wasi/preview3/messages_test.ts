// What a component for WASI 0.3 learns of the messages that it makes; its text is beside the fixtures of components.
import { assertEquals, assertRejects } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../../gvm/engine/instantiate_component.ts";
import { MemoryBudget } from "../../../../gvm/engine/memory_budget.ts";
import { fixture, load } from "../../component/_fixtures.ts";

const component = await load(fixture("wasi_messages"));

function call(name: string, ...args: number[]): Promise<unknown> {
  const silent = { write: () => {} };
  const instance = instantiateLoaded(
    { name: "test", version: "v1.0.0", hash: "", component, waits: true },
    { args: [], stdout: silent, stderr: silent },
    new MemoryBudget(DEFAULT_LIMITS, { whose: "the test" }),
    { suspended() {}, resumed() {} },
  );
  return Promise.resolve(instance.callable(name)(...args));
}

Deno.test("a message that is dropped was not transmitted", async () => {
  assertEquals(await call("drop"), 1);
});

Deno.test("whoever consumes a message says how it was handled, before or afterwards", async () => {
  for (const code of [0, 1]) {
    for (const before of [0, 1]) assertEquals(await call("handle", code, before), code);
  }
});

Deno.test("a guest that waits for a message which only it could transmit is told so", async () => {
  await assertRejects(() => call("keep"), Error, "deadlock detected");
});
