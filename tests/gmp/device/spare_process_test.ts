import { assertEquals } from "@std/assert";
import { dropSpare, hasSpare, keepSpare, takeSpare } from "../../../gmp/device/spare_process.ts";

/** A process that ends at once. */
const ending = () => new Deno.Command("true", { stdout: "null", stderr: "null" }).spawn();

Deno.test("a spare process that has ended by itself is dropped, and replaced, like any other", async () => {
  let first: Deno.ChildProcess | undefined;
  keepSpare("one", () => first = ending());
  await first!.status;
  let second: Deno.ChildProcess | undefined;
  keepSpare("two", () => second = ending());
  assertEquals([hasSpare("one"), hasSpare("two")], [false, true]);
  await second!.status;
  dropSpare();
  assertEquals([hasSpare("two"), takeSpare("two")], [false, undefined]);
});
