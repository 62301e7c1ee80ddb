import { assertEquals } from "@std/assert";
import { Lookup } from "../../../../gvm/repl/language/lookup.ts";

function unexpected(): never {
  throw new Error("Nobody gave up waiting");
}

Deno.test("what is found soon is there for the line that asks", async () => {
  const lookup = new Lookup(Promise.resolve(["a"]), unexpected);
  assertEquals(await lookup.get(), ["a"]);
  assertEquals(lookup.value, ["a"]);
});

Deno.test("what fails finds nothing", async () => {
  const lookup = new Lookup(Promise.reject(new Error("GPMD is gone")), unexpected);
  assertEquals(await lookup.get(), undefined);
});

Deno.test("a line gives up waiting once, and is told when what it asked for comes", async () => {
  const asked = Promise.withResolvers<string>();
  const told = Promise.withResolvers<void>();
  const lookup = new Lookup(asked.promise, told.resolve);
  assertEquals(await lookup.get(), undefined);
  assertEquals(await lookup.get(), undefined);
  asked.resolve("late");
  await told.promise;
  assertEquals(await lookup.get(), "late");
});
