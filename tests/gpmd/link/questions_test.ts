import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { answering } from "../../../gmp/channel/messages.ts";
import type { IncomingRequest } from "../../../gmp/channel/incoming.ts";
import { Questions } from "../../../gpmd/link/questions.ts";

Deno.test("sixty-four questions of one device are answered at once, over whatever connections, and others' besides", async () => {
  const questions = new Questions();
  const answer = Promise.withResolvers<{ names: string[] }>();
  const handlers = (id: string) => answering(questions.of(id, { "node.discover": () => answer.promise }));
  const [one, other, pi] = [handlers("laptop"), handlers("laptop"), handlers("pi")];
  const asked = { body: {} } as IncomingRequest;
  const ask = async ({ "node.discover": handler }: typeof one) => await handler!(asked);
  const waiting = Array.from({ length: 64 }, (_, i) => ask(i % 2 === 0 ? one : other));
  for (const full of [one, other]) {
    assertEquals((await assertRejects(() => ask(full), GhostError)).code, "TOO_MANY_REQUESTS");
  }
  waiting.push(ask(pi));
  answer.resolve({ names: ["node-1"] });
  assertEquals(new Set((await Promise.all(waiting)).map(({ names }) => `${names}`)), new Set(["node-1"]));
  assertEquals((await ask(one)).names, ["node-1"]);
});

Deno.test("a device may ask a hundred questions a second, and two thousand after a pause", async () => {
  let now = 0;
  const questions = new Questions(() => now);
  const handlers = (id: string) => answering(questions.of(id, { "node.discover": () => ({ names: [] }) }));
  const answered = async (id: string, tries: number) => {
    let count = 0;
    for (let i = 0; i < tries; i++) {
      const asked = { body: {} } as IncomingRequest;
      await Promise.resolve(handlers(id)["node.discover"]!(asked)).then(() => count++, (error) => {
        assertEquals(GhostError.from(error).code, "TOO_MANY_REQUESTS");
      });
    }
    return count;
  };
  assertEquals(await answered("laptop", 5000), 2048);
  assertEquals(await answered("pi", 10), 10);
  now += 1000;
  assertEquals(await answered("laptop", 5000), 100);
  now += 3_600_000;
  assertEquals(await answered("laptop", 5000), 2048);
});
