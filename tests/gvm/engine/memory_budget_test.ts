import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";

const PAGE = 65_536;
const ONE_PAGE = [{ minimum: 1, maximum: 1, shared: false, is64: false }];

Deno.test("what is refused to an instance does not count, however often it asks", () => {
  const limits = { memory: 2 * PAGE, tableElements: 1 };
  const parent = new MemoryBudget(limits, { whose: "all" });
  const budget = new MemoryBudget(limits, { whose: "one", parent });
  const instance = budget.make(ONE_PAGE, 0, "it");
  instance.hold(PAGE);
  for (let i = 0; i < 3; i++) {
    assertEquals(assertThrows(() => instance.hold(1), GhostError).code, "MEMORY_LIMIT");
  }
  assertEquals([budget.bytes, parent.bytes], [2 * PAGE, 2 * PAGE]);
  instance.drop();
  assertEquals([budget.bytes, parent.bytes], [0, 0]);
});

Deno.test("there is room for nothing, and not for less, while instances have grown beyond the limit", () => {
  const budget = new MemoryBudget({ memory: 2 * PAGE, tableElements: 1 }, { whose: "one" });
  const growing = [1, 2].map(() => budget.make([{ minimum: 0, shared: false, is64: false }], 0, "it"));
  for (const { memories: [memory] } of growing) memory!.grow(2);
  assertEquals(budget.room(), 0);
  const { message } = assertThrows(() => budget.make(ONE_PAGE, 0, "another"), GhostError);
  assertEquals(
    message,
    "Cannot instantiate another: its memory needs 65536 bytes at the start, and 0 of the 131072 bytes of one are left",
  );
});
