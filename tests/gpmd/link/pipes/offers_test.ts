import { assertEquals, assertNotEquals } from "@std/assert";
import { pause } from "../../../../gmp/async/pause.ts";
import { Offers } from "../../../../gpmd/link/pipes/offers.ts";

Deno.test("an offer is for its device, once", () => {
  const offers = new Offers();
  const token = offers.make("laptop", 4001);
  assertEquals(token.length, 16);
  assertEquals(offers.take("pi", token), undefined);
  assertEquals(offers.take("laptop", token.toReversed()), undefined);
  assertEquals(offers.take("laptop", token), 4001);
  assertEquals(offers.take("laptop", token), undefined);
});

Deno.test("offers of one port are told apart, and each device has its own", () => {
  const offers = new Offers();
  const [one, other, foreign] = [offers.make("pi", 1), offers.make("pi", 1), offers.make("nas", 2)];
  assertNotEquals(one, other);
  offers.drop("pi");
  assertEquals([offers.take("pi", one), offers.take("pi", other)], [undefined, undefined]);
  assertEquals(offers.take("nas", foreign), 2);
});

Deno.test("an offer is good for its time", async () => {
  const offers = new Offers(30);
  const token = offers.make("pi", 1);
  const later = offers.make("pi", 2);
  assertEquals(offers.take("pi", token), 1);
  await pause(60, new AbortController().signal);
  assertEquals(offers.take("pi", later), undefined);
});

Deno.test("of more than 1024 offers for a device the oldest is dropped", () => {
  const offers = new Offers();
  const other = offers.make("nas", 9);
  const [first, second] = [offers.make("pi", 1), offers.make("pi", 2)];
  for (let i = 0; i < 1023; i++) offers.make("pi", 3);
  assertEquals(offers.take("pi", first), undefined);
  assertEquals(offers.take("pi", second), 2);
  assertEquals(offers.take("nas", other), 9);
  offers.close();
});
