import { assertEquals, assertThrows } from "@std/assert";
import { HandleBudget, HandleTable } from "../../../gvm/component/handle_table.ts";

Deno.test("a component that keeps what it is given has as many handles as a heap has room for, and traps beyond", () => {
  const budget = new HandleBudget();
  const tables = [new HandleTable(budget), new HandleTable(budget)];
  let made = 0;
  const error = assertThrows(() => {
    for (;;) {
      tables[made % 2]!.add({});
      made++;
    }
  }, Error);
  assertEquals(error.message, `more than ${made} handles`);
  assertEquals(made, 32_768);
  // What one instance gives back another may have.
  const [table, other] = tables as [HandleTable<object>, HandleTable<object>];
  table.remove(7);
  other.add({});
  assertThrows(() => table.add({}), Error, "handles");
  other.remove(9);
  assertEquals(table.add({}), 7);
  assertThrows(() => table.get(0), Error, "unknown handle index 0");
});
