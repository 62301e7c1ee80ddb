import { assertEquals, assertRejects } from "@std/assert";
import { request } from "../../../gmp/channel/messages.ts";
import type { AddressFinding } from "../../../gmp/messages/device.ts";
import { DeviceWays } from "../../../gpmd/link/device_ways.ts";
import { Rate, Rates } from "../../../gpmd/link/engine/rate.ts";
import { Pipes } from "../../../gpmd/link/pipes/pipes.ts";
import { startOf } from "../../../gpmd/link/pipes/start_of.ts";
import { WebEnd } from "../../../gpmd/link/pipes/web_end.ts";
import { linkTest, pair, startHost } from "./engine/_hosts.ts";
import { closingOf } from "./pipes/_lane.ts";
import { EchoServer } from "./pipes/_sockets.ts";

/** A link with ways to other devices; `lanes` says whether it answers when it is asked for lanes, and `rates` how often. */
async function startLink(name: string, lanes = true, rates?: Rates) {
  let removed: string | undefined;
  const networks = ["127.0.0.0/8"];
  const pipes = new Pipes();
  const faults: unknown[] = [];
  let streams = 0;
  const host = await startHost(name, {
    networks,
    answer: (device) => lanes ? { "lane.offer": (offer) => ways.answer(device(), offer) } : {},
    onPipe: ({ name }, token, stream) => {
      streams++;
      pipes.serveToken(name, token, new WebEnd(stream));
    },
  });
  const ways = new DeviceWays({
    port: 0,
    networks,
    isPaired: (device) => Promise.resolve(device !== removed),
    ownId: () => Promise.resolve(name),
    serve: (device, end) => void pipes.serve(device, end),
    stream: async (device, token) => new WebEnd(await host.host.openPipe(device, token)),
    ask: (device, offer) => request(host.host.channel(device), "lane.offer", offer),
    addressesOf: (device) =>
      Promise.resolve(host.host.devices().find(({ name }) => name === device)?.addresses ?? []),
    fault: (error) => faults.push(error),
    ...rates && { rates },
  });
  return {
    test: host,
    pipes,
    ways,
    faults,
    /** A device is paired no more. */
    remove: (device: string) => removed = device,
    /** Pipes that have come as streams. */
    streams: () => streams,
    async [Symbol.asyncDispose]() {
      pipes.close();
      await Promise.all([ways.close(), host[Symbol.asyncDispose]()]);
    },
  };
}

type TestLink = Awaited<ReturnType<typeof startLink>>;

/** Sends bytes from `from` through a pipe to an echo at `to` and back. */
async function assertPipe(from: TestLink, to: TestLink, names: readonly [string, string]): Promise<void> {
  await using echo = await EchoServer.open();
  const end = await from.ways.open(names[1], to.pipes.offer(names[0], echo.port));
  end.send(Uint8Array.of(1, 2, 3));
  assertEquals((await startOf(end, 3, 10_000)).start.toHex(), "010203");
  const closing = closingOf(end);
  end.end();
  await closing;
}

linkTest("two links ask each other for lanes at once, and pipes go by them in both directions", async () => {
  await using laptop = await startLink("laptop");
  await using pi = await startLink("pi");
  await pair(laptop.test, pi.test);
  await Promise.all([laptop.ways.reached("pi"), pi.ways.reached("laptop")]);
  assertEquals([laptop.ways.hasLane("pi"), pi.ways.hasLane("laptop")], [true, true]);
  await assertPipe(laptop, pi, ["laptop", "pi"]);
  await assertPipe(pi, laptop, ["pi", "laptop"]);
  assertEquals([laptop.streams(), pi.streams()], [0, 0]);
  assertEquals([laptop.faults, pi.faults], [[], []]);
});

linkTest("a link without lanes is reached by streams, and so is one that has been lost", async () => {
  await using laptop = await startLink("laptop");
  await using pi = await startLink("pi", false);
  await pair(laptop.test, pi.test);
  await laptop.ways.reached("pi");
  assertEquals(laptop.ways.hasLane("pi"), false);
  await assertPipe(laptop, pi, ["laptop", "pi"]);
  assertEquals(pi.streams(), 1);
  await pi.ways.reached("laptop");
  assertEquals(pi.ways.hasLane("laptop"), true);
  await assertPipe(pi, laptop, ["pi", "laptop"]);
  assertEquals(laptop.streams(), 0);
  await pi.ways.lost("laptop");
  assertEquals(pi.ways.hasLane("laptop"), false);
  await assertPipe(pi, laptop, ["pi", "laptop"]);
  assertEquals(laptop.streams(), 1);
  assertEquals([laptop.faults, pi.faults], [[], []]);
});

linkTest("a device that is removed while it asks for lanes is not trusted with one", async () => {
  await using laptop = await startLink("laptop");
  await using pi = await startLink("pi");
  await pair(laptop.test, pi.test);
  laptop.remove("pi");
  await pi.ways.reached("laptop"); // it has the answer, and tries
  assertEquals(pi.ways.hasLane("laptop"), false);
  assertEquals([laptop.faults, pi.faults], [[], []]);
});

linkTest("a link whose last device is removed takes no lanes until there is another", async () => {
  await using laptop = await startLink("laptop");
  await using pi = await startLink("pi");
  await pair(laptop.test, pi.test);
  await Promise.all([laptop.ways.reached("pi"), pi.ways.reached("laptop")]);
  const [{ address }] = await pi.ways.examine("laptop") as [AddressFinding];
  const [hostname, port] = address.split(":") as [string, string];
  const dial = async () => (await Deno.connect({ hostname, port: Number(port) })).close();
  await dial();
  laptop.remove("pi");
  await laptop.ways.lost("pi");
  await laptop.ways.close();
  await laptop.ways.reached("pi"); // which was on its way
  await assertRejects(dial, Deno.errors.ConnectionRefused);
  laptop.remove("nobody");
  await laptop.ways.reached("pi");
  await pi.ways.reached("laptop");
  assertEquals([laptop.ways.hasLane("pi"), pi.ways.hasLane("laptop")], [true, true]);
});

linkTest("an address that begins lanes too fast gets no more, and its pipes go by streams", async () => {
  let now = 0;
  const rates = new Rates(() => new Rate(1, 3, () => now));
  await using laptop = await startLink("laptop");
  await using pi = await startLink("pi", true, rates);
  await pair(laptop.test, pi.test);
  await laptop.ways.reached("pi"); // which tries one
  for (let pipe = 0; pipe < 4; pipe++) await assertPipe(laptop, pi, ["laptop", "pi"]);
  assertEquals([laptop.ways.hasLane("pi"), pi.streams()], [false, 2]);
  now = 1000; // one more
  await laptop.ways.examine("pi");
  assertEquals(laptop.ways.hasLane("pi"), true);
});
