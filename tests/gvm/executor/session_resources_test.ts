import { assertEquals, assertThrows } from "@std/assert";
import { type ErrorCode, GhostError } from "../../../gmp/errors.ts";
import type { ResolvedFunction } from "../../../gvm/engine/resolved_functions.ts";
import { SESSION_RESOURCE_LIMIT, SessionResources } from "../../../gvm/executor/session_resources.ts";

/** A resource of an instance that ends when the test says so. */
class Counter {
  readonly name = "counter";
  isHeld = true;
  drop(): void {
    this.isHeld = false;
  }
}

/** A function of the instance with that key; nothing else of it matters to handles. */
function functionOf(instanceKey: string): ResolvedFunction {
  return { instanceKey } as ResolvedFunction;
}

function assertFails(run: () => unknown, code: ErrorCode, message: string): void {
  const error = assertThrows(run, GhostError);
  assertEquals([error.code, error.message], [code, message]);
}

Deno.test("a handle is never used again, and stands for one resource of one module", () => {
  const all = new SessionResources();
  const [mine, others] = [all.of(functionOf("a")), all.of(functionOf("b"))];
  const counter = new Counter();
  assertEquals(mine.handleOf(counter, "counter", true), 1);
  assertEquals(mine.valueOf(1, "counter", false), counter);
  const wrong = "Cannot read the values: handle 1 is a counter";
  assertFails(() => mine.valueOf(1, "file", false), "BAD_REQUEST", `${wrong}, not a file`);
  assertFails(
    () => others.valueOf(1, "counter", true),
    "BAD_REQUEST",
    `${wrong} of another module, not a counter`,
  );
  const gone = "Cannot use resource 1: there is no such in this session now";
  assertEquals(mine.valueOf(1, "counter", true), counter);
  assertFails(() => mine.valueOf(1, "counter", false), "RESOURCE_GONE", gone);
  // What could not be read was not given.
  mine.putBack(counter, 1, "counter");
  assertEquals(mine.valueOf(1, "counter", false), counter);
  assertEquals(all.take(1).value, counter);
  assertFails(() => all.take(1), "RESOURCE_GONE", gone);
  // What could not be written was not given either, and its number is not given again.
  assertEquals(mine.handleOf(counter, "counter", true), 2);
  mine.keep(counter, 2);
  assertFails(() => all.take(2), "RESOURCE_GONE", gone.replace("1", "2"));
  assertEquals(mine.handleOf(counter, "counter", true), 3);
});

Deno.test("a caller holds so many resources, and those of instances that have ended make room", () => {
  const all = new SessionResources();
  const table = all.of(functionOf("a"));
  const counters = Array.from({ length: SESSION_RESOURCE_LIMIT }, () => new Counter());
  for (const counter of counters) table.handleOf(counter, "counter", true);
  assertFails(
    () => table.handleOf(new Counter(), "counter", true),
    "TOO_MANY_REQUESTS",
    "Cannot return a counter: the caller holds 65536 resources; drop some",
  );
  all.take(7);
  assertEquals(table.handleOf(new Counter(), "counter", true), SESSION_RESOURCE_LIMIT + 1);
  for (const counter of counters) counter.isHeld = false;
  for (let i = 0; i < 1000; i++) table.handleOf(new Counter(), "counter", true);
  const gone = "Cannot use resource 1: there is no such in this session now";
  assertFails(() => table.valueOf(1, "counter", false), "RESOURCE_GONE", gone);
});
