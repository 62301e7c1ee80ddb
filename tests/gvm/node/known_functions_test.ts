// Lookups that a change of modules crosses: the answer may be of what a name stood for before.
import { assertEquals } from "@std/assert";
import type { FunctionReference, RunRequest } from "../../../gvm/calls/session_calls.ts";
import type { SessionClient } from "../../../gvm/calls/session_client.ts";
import type { GpmdModules } from "../../../gvm/gpmd/gpmd_modules.ts";
import { KnownFunctions } from "../../../gvm/node/known_functions.ts";
import { Shipping } from "../../../gvm/node/shipping.ts";

const found = (version: string) => ({ version }) as FunctionReference;

Deno.test("a lookup is remembered by node, name and configuration", async () => {
  const known = new KnownFunctions();
  const reference = await known.remember("there", "math.add", undefined, Promise.resolve(found("v1")));
  assertEquals(known.get("there", { module: "math", function: "add" }), reference);
  assertEquals([known.get(undefined, "math.add"), known.get("there", "math.add", { key: "x" })], [
    undefined,
    undefined,
  ]);
});

Deno.test("a lookup that modules change during is answered, and not remembered", async () => {
  const known = new KnownFunctions();
  const answer = Promise.withResolvers<FunctionReference>();
  const asked = known.remember(undefined, "math.add", undefined, answer.promise);
  known.clear();
  const later = known.remember(undefined, "math.add", undefined, Promise.resolve(found("v2")));
  answer.resolve(found("v1"));
  assertEquals([(await asked).version, (await later).version], ["v1", "v2"]);
  assertEquals(known.get(undefined, "math.add")?.version, "v2");
});

Deno.test("where a program is that modules change during is looked up again for the next run", async () => {
  const shipping = new Shipping({} as GpmdModules);
  const asked: string[] = [];
  let isFirst = true;
  // A node of another device whose modules change while it answers the first time.
  const session = {
    find: ({ module }: RunRequest) => {
      if (isFirst) shipping.changed();
      isFirst = false;
      return Promise.resolve({ module, version: "v1", hash: "0" });
    },
    run: ({ module }: RunRequest) => Promise.resolve(void asked.push(module)),
  } as unknown as SessionClient;
  const finding = { ...session, find: (one: RunRequest) => (asked.push("?"), session.find(one)) };
  const runner = shipping.runner(finding as SessionClient, "node-1@laptop");
  for (let run = 0; run < 3; run++) await runner.run({ module: "greet", argv: [] });
  assertEquals(asked, ["?", "greet", "?", "greet", "greet"]);
});
