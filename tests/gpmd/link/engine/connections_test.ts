import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { notify, request } from "../../../../gmp/channel/messages.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { eventually } from "../../../tools/commands.ts";
import { linkTest, pair, startHost } from "./_hosts.ts";

/** Milliseconds that a device floods another for. */
const FLOOD_TIME = 2500;

const answer = () => ({ "node.discover": () => ({ names: ["node-1"] }) });

linkTest("a device that was stopped is reached again, whichever of the two it was", async () => {
  await using laptop = await startHost("laptop", { answer });
  const directory = await Deno.makeTempDir();
  try {
    const pi = await startHost("pi", { directory, answer });
    await pair(laptop, pi);
    const port = Number(pi.host.addresses[0]!.split(":")[1]);
    await pi.stop();
    const [device] = await laptop.happened("unreachable");
    assertEquals(device, "pi");
    const error = assertThrows(() => laptop.host.channel("pi"), GhostError);
    assertEquals(error.code, "DEVICE_UNREACHABLE");
    assert(error.retryable);
    const [gone] = laptop.host.devices();
    assertEquals([gone!.reachable, gone!.way, typeof gone!.lastSeen], [false, undefined, "string"]);
    await using again = await startHost("pi", { directory, port, answer });
    await Promise.all([laptop.happened("reachable", "pi"), again.happened("reachable", "laptop")]);
    assertEquals(await request(laptop.host.channel("pi"), "node.discover", {}), { names: ["node-1"] });
    assertEquals(await request(again.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

linkTest(
  "a device that was removed while it was away finds out, until it is paired anew",
  async () => {
    await using laptop = await startHost("laptop");
    await using desk = await startHost("desk");
    await pair(laptop, desk);
    const directory = await Deno.makeTempDir();
    try {
      const pi = await startHost("pi", { directory });
      await pair(laptop, pi);
      await pi.stop();
      await laptop.happened("unreachable", "pi");
      await laptop.host.remove("pi");
      const again = await startHost("pi", { directory });
      const laptopOf = () => again.host.devices().find(({ name }) => name === "laptop")!;
      await eventually("what it finds out", () => laptopOf().removed === true);
      assertEquals(laptopOf().reachable, false);
      // Paired anew, it is as any other.
      const { code } = await laptop.host.invite({ lifetime: 60_000 });
      await again.host.join(code);
      await again.happened("reachable", "laptop");
      assertEquals([laptopOf().reachable, laptopOf().removed], [true, undefined]);
      await again.stop();
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

linkTest("two devices that start at once end up with one connection, over which both ask", async () => {
  const directories = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const start = (i: number, port = 0) =>
      startHost(["laptop", "pi"][i]!, { directory: directories[i]!, port, answer });
    const first = await Promise.all([start(0), start(1)]);
    await pair(first[0]!, first[1]!);
    const ports = first.map(({ host }) => Number(host.addresses[0]!.split(":")[1]));
    await Promise.all(first.map((one) => one.stop()));
    for (let round = 0; round < 3; round++) {
      const hosts = await Promise.all([start(0, ports[0]), start(1, ports[1])]);
      await Promise.all([hosts[0]!.happened("reachable"), hosts[1]!.happened("reachable")]);
      // A connection that loses against another may be asked over at that moment, and the question may be repeated.
      const ask = async (i: number): Promise<unknown> => {
        for (;;) {
          try {
            return await request(hosts[i]!.host.channel(["pi", "laptop"][i]!), "node.discover", {});
          } catch (error) {
            if (!(error instanceof GhostError && error.retryable)) throw error;
            if (error.code === "DEVICE_UNREACHABLE") await hosts[i]!.happened("reachable");
          }
        }
      };
      assertEquals(await Promise.all([ask(0), ask(1)]), [{ names: ["node-1"] }, { names: ["node-1"] }]);
      await Promise.all(hosts.map((one) => one.stop()));
    }
  } finally {
    for (const directory of directories) await Deno.remove(directory, { recursive: true });
  }
});

linkTest("a removed device is told why, cut off within a second, and let in no more", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi", { answer });
  await pair(laptop, pi);
  const channel = pi.host.channel("laptop");
  const pipe = await pi.host.openPipe("laptop", new Uint8Array(16));
  await laptop.nextPipe();
  const started = performance.now();
  await laptop.host.remove("pi");
  assert(performance.now() - started < 1000);
  assertEquals(await pi.happened("left"), ["laptop", "this device was removed there"]);
  await channel.closed;
  await assertRejects(() => pipe.readable.getReader().read());
  assertEquals(laptop.host.devices(), []);
  // Nothing listens there any more, and whoever was removed is refused all the same while something does.
  await laptop.host.invite({ lifetime: 60_000 });
  await assertRejects(() => pi.host.openPipe("laptop", new Uint8Array(16)), GhostError, "no connection");
  assertEquals((await assertRejects(() => laptop.host.remove("pi"), GhostError)).code, "DEVICE_NOT_FOUND");
});

linkTest("a renamed device has its new name for whoever asks, also in requests under way", async () => {
  const asked: string[] = [];
  await using laptop = await startHost("laptop", {
    answer: (device) => ({
      "node.discover": () => {
        asked.push(device());
        return { names: [] };
      },
    }),
  });
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  await request(pi.host.channel("laptop"), "node.discover", {});
  await laptop.host.rename("pi", "raspberry");
  await request(pi.host.channel("laptop"), "node.discover", {});
  assertEquals(asked, ["pi", "raspberry"]);
  assertThrows(() => laptop.host.channel("pi"), GhostError, "not paired");
  assert(laptop.host.channel("raspberry").open);
  assertEquals(
    (await assertRejects(() => laptop.host.rename("raspberry", "local"), GhostError)).code,
    "INVALID_NAME",
  );
  assertEquals(
    (await assertRejects(() => laptop.host.rename("pi", "x"), GhostError)).code,
    "DEVICE_NOT_FOUND",
  );
});

linkTest(
  "a copied home is noticed: by the device that both homes reach, and by the second of them",
  async () => {
    await using laptop = await startHost("laptop", { answer });
    await using pi = await startHost("pi", { answer });
    await pair(laptop, pi);
    const home = await Deno.makeTempDir();
    for (const file of ["key", "devices.json"]) {
      await Deno.copyFile(`${pi.directory}/${file}`, `${home}/${file}`);
    }
    try {
      await using second = await startHost("pi", { directory: home, answer });
      assertEquals(await laptop.happened("copied"), ["pi"]);
      assertEquals(await second.happened("copied"), [undefined]);
      assertEquals(second.host.devices().map(({ reachable }) => reachable), [false]);
      // The first one is none the worse for it.
      assertEquals(await request(pi.host.channel("laptop"), "node.discover", {}), { names: ["node-1"] });
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
);

linkTest("a pipe can be half closed, waits for who does not read, and breaks with its device", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  const there = await pi.host.openPipe("laptop", new Uint8Array(16).fill(1));
  const { stream: back } = await laptop.nextPipe();
  await there.writable.close();
  assertEquals(await new Response(back.readable).arrayBuffer().then(({ byteLength }) => byteLength), 0);
  const writer = back.writable.getWriter();
  let written = 0;
  const piece = new Uint8Array(1 << 20);
  // More than all buffers on the way can hold.
  const writing = (async () => {
    for (; written < 24; written++) await writer.write(piece);
  })();
  const reader = there.readable.getReader();
  let read = (await reader.read()).value!.length;
  assert(written < 12, `${written} MiB were written while one piece was read`);
  while (read < 24 << 20) read += (await reader.read()).value!.length;
  await writing;
  const broken = assertRejects(() => reader.read());
  await laptop.stop();
  await broken;
});

linkTest("what a pipe's taker throws ends the pipe", async () => {
  await using laptop = await startHost("laptop", {
    onPipe: () => {
      throw new GhostError("NODE_NOT_FOUND");
    },
  });
  await using pi = await startHost("pi");
  await pair(laptop, pi);
  const pipe = await pi.host.openPipe("laptop", new Uint8Array(16));
  await assertRejects(() => pipe.readable.getReader().read());
  const signal = AbortSignal.abort();
  const error = await assertRejects(() => pi.host.openPipe("laptop", new Uint8Array(16), signal), GhostError);
  assertEquals(error.code, "CANCELLED");
});

linkTest(
  "what a device sends beside its pipes is read at a rate, and others are answered meanwhile",
  async () => {
    const reason = "x".repeat(1000);
    let come = 0;
    await using laptop = await startHost("laptop", {
      answer,
      notice: () => () => void (come += reason.length),
    });
    await using flooding = await startHost("flooding", { answer });
    await using pi = await startHost("pi", { answer });
    await pair(laptop, flooding);
    await pair(laptop, pi);
    const channel = flooding.host.channel("laptop");
    const started = performance.now();
    let sent = 0;
    const flood = (async () => {
      while (performance.now() - started < FLOOD_TIME && channel.open) {
        for (let i = 0; i < 200; i++) notify(channel, "device.leaving", { reason });
        sent += 200 * reason.length;
        await channel.taken();
      }
    })();
    let asked = 0;
    while (performance.now() - started < FLOOD_TIME) {
      await request(pi.host.channel("laptop"), "node.discover", {});
      asked++;
    }
    const seconds = (performance.now() - started) / 1000;
    const most = (1 << 20) + (1 << 17) * seconds;
    // It sends all that it may, and more waits for its turn there.
    assert(
      sent > most / 2 && come > most / 2 && come <= most,
      `${come} bytes of ${sent} were read, ${most} may be`,
    );
    assert(asked > 50, `${asked}`);
    await laptop.host.remove("flooding");
    await flood;
  },
);

linkTest("a device that opens streams without end is cut off, and comes back", async () => {
  await using laptop = await startHost("laptop", { answer });
  await using pi = await startHost("pi", { answer });
  await pair(laptop, pi);
  const cut = laptop.happened("unreachable", "pi");
  let opened = 0;
  const flood = async () => {
    for (; opened < 5000; opened++) {
      try {
        await (await pi.host.openPipe("laptop", new Uint8Array(16))).abort();
      } catch {
        return; // it is over
      }
    }
  };
  await Promise.all(Array.from({ length: 16 }, flood));
  await cut;
  assert(opened >= 1000 && opened < 5000, `${opened}`);
  await laptop.happened("reachable", "pi");
  await request(laptop.host.channel("pi"), "node.discover", {});
});
