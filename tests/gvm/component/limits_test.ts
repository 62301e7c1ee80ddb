// Components that want more than they may have; the sources are beside the fixtures.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { fixture, instantiate, load } from "./_fixtures.ts";

Deno.test("a list that names the same string 20,000 times is refused before it is read", async () => {
  const { instance } = instantiate(await load(fixture("amplify")));
  const before = Deno.memoryUsage().heapUsed;
  const error = assertThrows(() => instance.callable("strings")(), GhostError);
  assertEquals(error.code, "PAYLOAD_TOO_LARGE");
  assert(Deno.memoryUsage().heapUsed - before < 100_000_000);
  assertThrows(() => instance.callable("one")(), Error, "cannot enter component instance");
});

Deno.test("a type of 16.8 million values takes no more time or memory than its few bytes", async () => {
  const since = performance.now();
  const { instance } = instantiate(await load(fixture("explode")));
  const error = assertThrows(() => instance.callable("give")(), GhostError);
  assertEquals(error.code, "PAYLOAD_TOO_LARGE");
  assert(performance.now() - since < 5000);
});

Deno.test("a component that instantiates millions of others is refused", async () => {
  const since = performance.now();
  const error = await assertRejects(() => load(fixture("doubling")), GhostError);
  assertEquals(error.code, "NOT_A_MODULE");
  assert(performance.now() - since < 5000);
});

Deno.test("the memories of all core instances together stay within the limit, within one call too", async () => {
  const limits = { memory: 100 << 16 };
  const { instance, memory } = instantiate(await load(fixture("memories"), limits), limits);
  const pages = instance.callable("grow")() as number;
  instance.memory.settle();
  assert(pages <= 100 && pages > 50, `${pages}`);
  assertEquals(memory.bytes, pages << 16);
  instance.memory.drop();
  assertEquals(memory.bytes, 0);
});

Deno.test("the tables of all core instances together stay within the limit", async () => {
  const limits = { tableElements: 100_000 };
  const { instance } = instantiate(await load(fixture("memories"), limits), limits);
  const elements = instance.callable("widen")() as number;
  assert(elements <= 100_000 && elements > 50_000, `${elements}`);
});

Deno.test("a component whose core instances start with more than there is does not load", async () => {
  const memory = await assertRejects(() => load(fixture("memories"), { memory: 3 << 16 }), GhostError);
  assertEquals([memory.code, memory.details], ["MEMORY_LIMIT", { needed: 4 << 16, limit: 3 << 16 }]);
  const tables = await assertRejects(() => load(fixture("memories"), { tableElements: 3 }), GhostError);
  assertEquals([tables.code, tables.details], ["MEMORY_LIMIT", { needed: 4, limit: 3 }]);
});

Deno.test("a component that makes more and more calls which never end is ended", async () => {
  const { instance } = instantiate(await load(fixture("crowd")));
  await assertRejects(async () => await instance.callable("crowd")(), Error, "more than 4096");
});

for (const [what, most] of [["take", 32_768], ["spawn", 4096]] as const) {
  Deno.test(`what the instances of a component ${what} counts together`, async () => {
    const { instance } = instantiate(await load(fixture("hoarders")));
    const each = Math.floor(most / 3);
    for (const one of ["a", "b"]) await instance.callable(`${what}-${one}`)(each);
    const beyond = async () => await instance.callable(`${what}-c`)(each + 10);
    await assertRejects(beyond, Error, `more than ${most}`);
  });
}
