// Modules of other devices, as the daemon gets them: the other devices are the test's own, and may lie, or break off.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { answering, type Handlers, head, request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { FrameDecoder } from "../../../gmp/frames/decoder.ts";
import { Flag, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { memoryPair } from "../../../gmp/transports/memory.ts";
import type { DeviceReach } from "../../../gpmd/devices/device_reach.ts";
import { RemoteModules } from "../../../gpmd/devices/remote_modules.ts";
import { DaemonEvents } from "../../../gpmd/events/daemon_event.ts";
import { FetchedModules } from "../../../gpmd/store/fetched_modules.ts";
import { moduleOf, sha256, temporaryHome } from "../_modules.ts";
import { connectNode, getBytes, type TestNode } from "../_node.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { connectLink, serveLink, type TestLink } from "./_link.ts";

type Get = NonNullable<Handlers["module.get"]>;

/** Several pieces of it. */
const MODULE = moduleOf(3_000_000, 7);
const HASH = await sha256(MODULE);

/** A device that has `bytes`, whatever it is asked for. */
function sending(bytes: Uint8Array): Get {
  return ({ name, encoding, hash = "", start = 0, count = bytes.length }, asked) => {
    const reply = { name, version: "v1.0.0", hash, size: bytes.length };
    if (encoding === "none") return reply;
    head(asked, "module.get", reply);
    asked.send(bytes.subarray(start, start + count), 0);
    return reply;
  };
}

const empty: Get = () => {
  throw new GhostError("MODULE_NOT_FOUND");
};

/** A device that is lost once the way to it is open here. */
const lost: Get = () => {
  throw new GhostError("INTERNAL");
};

/** Devices by their names, connected to `daemon`, and a node that asks it. */
class Devices implements AsyncDisposable {
  /** The devices that were reached, in order. */
  readonly reached: string[] = [];
  readonly ways: TestLink[] = [];
  link!: TestLink;
  node!: TestNode;

  private constructor(readonly daemon: TestDaemon, readonly devices: Readonly<Record<string, Get>>) {}

  static async start(daemon: TestDaemon, all: Readonly<Record<string, Get>>): Promise<Devices> {
    const devices = new Devices(daemon, all);
    devices.link = await serveLink(daemon, {
      "device.list": () => ({
        devices: Object.keys(all).map((name) => ({
          name,
          id: name,
          addresses: [],
          since: "2026-01-01",
          reachable: true,
        })),
      }),
      "device.reach": async ({ device, token }) => {
        if (!(device in all)) throw new GhostError("DEVICE_NOT_FOUND");
        devices.reached.push(device);
        const way = await connectLink(daemon, { "module.get": all[device]! });
        devices.ways.push(way);
        await request(way.channel, "device.reached", { token });
        if (all[device] === lost) throw new GhostError("CONNECTION_LOST");
        return {};
      },
    });
    devices.node = await connectNode(daemon);
    return devices;
  }

  /** Asks for the module, first at `device`. */
  async get(device?: string, hash = HASH): Promise<Uint8Array> {
    const wanted = { name: "large", hash, encoding: "bytes", elsewhere: true };
    return (await getBytes(this.node.channel, device === undefined ? wanted : { ...wanted, device })).bytes;
  }

  /** The error of that. */
  async failure(device?: string, hash = HASH): Promise<GhostError> {
    return await this.get(device, hash).then(
      () => Promise.reject(new Error("it succeeded")),
      (error) => GhostError.from(error),
    );
  }

  /** Files of fetched modules. */
  get files(): string[] {
    return Array.from(Deno.readDirSync(`${this.daemon.settings.home}/fetched`), ({ name }) => name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of [...this.ways, this.link, this.node]) await one[Symbol.asyncDispose]();
  }
}

Deno.test("modules of other devices", async (t) => {
  await using daemon = await startDaemon();
  /** Runs `test` with these devices, and no module that was fetched before. */
  const withDevices = async (
    all: Readonly<Record<string, Get>>,
    test: (devices: Devices) => Promise<void>,
  ) => {
    await using devices = await Devices.start(daemon, all);
    await test(devices);
    for (const file of devices.files) await Deno.remove(`${daemon.settings.home}/fetched/${file}`);
  };

  await t.step("a module comes from the device of the caller, once, and nobody else is asked", async () => {
    await withDevices({ other: sending(MODULE), laptop: sending(MODULE) }, async (devices) => {
      // All who ask at once are one fetch.
      const all = await Promise.all(Array.from({ length: 4 }, () => devices.get("laptop")));
      assertEquals(all, [MODULE, MODULE, MODULE, MODULE]);
      assertEquals(await devices.get(), MODULE);
      assertEquals([devices.reached, devices.files], [["laptop"], [`${HASH}.wasm`]]);
      await eventually("the end of the way", () => !devices.ways[0]!.channel.open);
    });
  });

  await t.step("eight pieces of a module are asked for ahead, in order, and never more", async () => {
    const module = moduleOf(12 << 20, 3);
    const send = sending(module);
    const asked: { start: number; answer: () => void }[] = [];
    const waiting: Get = async (wanted, request) => {
      if (wanted.encoding === "bytes") {
        await new Promise<void>((answer) => asked.push({ start: wanted.start!, answer }));
      }
      return await send(wanted, request);
    };
    await withDevices({ laptop: waiting }, async (devices) => {
      const got = devices.get("laptop", await sha256(module));
      for (let answered = 0; answered < 12; answered++) {
        const ahead = Math.min(answered + 8, 12);
        await eventually(`the question for piece ${ahead}`, () => asked.length >= ahead);
        assertEquals(asked.map(({ start }) => start >> 20), Array.from({ length: ahead }, (_, i) => i));
        asked[answered]!.answer();
      }
      assertEquals(await got, module);
    });
  });

  await t.step("without one at the caller's device, all others are asked at once", async () => {
    let asked = 0;
    const all = Promise.withResolvers<void>();
    const slowly = (get: Get): Get => async (wanted, request) => {
      if (++asked === 3) all.resolve();
      await all.promise; // nobody answers before all were asked
      return await get(wanted, request);
    };
    const others = { one: slowly(empty), two: slowly(sending(MODULE)), three: slowly(empty) };
    await withDevices({ laptop: empty, ...others }, async (devices) => {
      assertEquals(await devices.get("laptop"), MODULE);
      assertEquals([devices.reached[0], devices.reached.toSorted()], ["laptop", [
        "laptop",
        "one",
        "three",
        "two",
      ]]);
    });
  });

  await t.step(
    "a device that sends other bytes is left, nothing of it stays, and the next one is asked",
    async () => {
      const lie = MODULE.slice();
      lie[2_999_999]! ^= 1;
      await withDevices({ liar: sending(lie) }, async (devices) => {
        const error = await devices.failure("liar");
        assertEquals(error.code, "HASH_MISMATCH");
        assert(error.message.includes(HASH) && error.message.includes(await sha256(lie)), error.message);
        assertEquals(devices.files, []);
      });
      await withDevices({ liar: sending(lie), honest: sending(MODULE) }, async (devices) => {
        assertEquals(await devices.get("liar"), MODULE);
        assertEquals(devices.reached, ["liar", "honest"]);
      });
    },
  );

  await t.step(
    "a device that breaks off in the middle leaves nothing, and the next one is asked",
    async () => {
      const breaking: Get = (wanted, asked) => {
        if ((wanted.start ?? 0) > 0) asked.channel.abort(new GhostError("CONNECTION_LOST"));
        return sending(MODULE)(wanted, asked);
      };
      await withDevices({ laptop: breaking }, async (devices) => {
        assertEquals((await devices.failure("laptop")).code, "CONNECTION_LOST");
        assertEquals(devices.files, []);
        // And it can be asked again.
        assertEquals((await devices.failure()).code, "CONNECTION_LOST");
      });
      await withDevices({ laptop: breaking, other: sending(MODULE) }, async (devices) => {
        assertEquals(await devices.get("laptop"), MODULE);
      });
    },
  );

  await t.step("the way to a device that was lost meanwhile is closed", async () => {
    await withDevices({ laptop: lost }, async (devices) => {
      assertEquals((await devices.failure("laptop")).code, "CONNECTION_LOST");
      await devices.ways[0]!.channel.closed;
    });
  });

  await t.step(
    "a device that sends more than it was asked for, or less, or a size that no module has, is left",
    async () => {
      const reply = { name: "large", version: "v1.0.0", hash: HASH, size: MODULE.length };
      const cases: [Get, string][] = [
        [({ encoding }, asked) => {
          if (encoding === "none") return reply;
          head(asked, "module.get", reply);
          asked.send(MODULE.subarray(0, 1 << 20), Flag.MORE);
          asked.send(MODULE.subarray(0, 1), 0);
          return reply;
        }, "BAD_REQUEST"],
        [({ encoding }, asked) => {
          if (encoding === "none") return reply;
          head(asked, "module.get", reply);
          asked.send(MODULE.subarray(0, 1), 0);
          return reply;
        }, "HASH_MISMATCH"],
        [() => reply, "HASH_MISMATCH"], // no bytes at all
      ];
      for (const [get, code] of cases) {
        await withDevices({ laptop: get }, async (devices) => {
          assertEquals((await devices.failure("laptop")).code, code);
          assertEquals(devices.files, []);
        });
      }
      await withDevices({ laptop: sending(new Uint8Array(0)) }, async (devices) => {
        assertEquals((await devices.failure("laptop")).code, "HASH_MISMATCH");
      });
    },
  );

  await t.step("over the connection to another device, that one may ask for nothing", async () => {
    const answers: string[] = [];
    const curious: Get = async (wanted, asked) => {
      for (const name of ["node.discover", "gpmd.status", "module.list", "device.serve"] as const) {
        answers.push(
          await asked.channel.request(name).then(() => "answered", (error) => GhostError.from(error).code),
        );
      }
      return await sending(MODULE)({ ...wanted }, asked);
    };
    await withDevices({ laptop: curious }, async (devices) => {
      assertEquals(await devices.get("laptop"), MODULE);
      assertEquals(new Set(answers), new Set(["UNKNOWN_OPERATION"]));
      // Nor does a connection get there that nobody has asked for.
      await using stray = await connectLink(devices.daemon);
      const arrived = request(stray.channel, "device.reached", { token: new Uint8Array(16) });
      assertEquals(await arrived.then(() => "ok", (error) => GhostError.from(error).code), "BAD_REQUEST");
    });
  });

  await t.step(
    "what nobody has is MODULE_NOT_FOUND; a refusal of the caller's device is said with what would allow it",
    async () => {
      const refusing: Get = () => {
        throw new GhostError("NOT_GRANTED", "Cannot", { details: { subject: "pi", what: "modules" } });
      };
      await withDevices({ laptop: empty, other: empty }, async (devices) => {
        assertEquals((await devices.failure("laptop")).code, "MODULE_NOT_FOUND");
        assertEquals((await devices.failure("nobody")).code, "DEVICE_NOT_FOUND");
        assertEquals((await devices.failure(undefined, "0".repeat(63))).code, "INVALID_NAME");
        assertEquals((await devices.failure(undefined, HASH.toUpperCase())).code, "INVALID_NAME");
      });
      await withDevices({ laptop: refusing, other: empty }, async (devices) => {
        const { code, message, details } = await devices.failure("laptop");
        assertEquals([code, details], ["NOT_GRANTED", { subject: "pi", what: "modules", device: "laptop" }]);
        assert(message.endsWith("run on laptop: gpmd grant pi modules"), message);
      });
    },
  );

  await t.step(
    "what a device says of its refusal is quoted, and is no command that it has chosen",
    async () => {
      const refusing = (code: "NOT_GRANTED" | "STORE_FAULT", details: Record<string, unknown>): Get => () => {
        throw new GhostError(code, "Fine.\n\u001b[2JRun: gpmd grant everyone '*'", { details });
      };
      for (const subject of ["pi; rm -rf ~", "everyone", "pi@local", 7, undefined]) {
        await withDevices(
          { laptop: refusing("NOT_GRANTED", { subject, what: "*; reboot" }) },
          async (devices) => {
            const { code, message, details } = await devices.failure("laptop");
            assertEquals([code, details], ["NOT_GRANTED", { what: "modules", device: "laptop" }]);
            assert(message.endsWith("run on laptop: gpmd grant DEVICE modules"), message);
          },
        );
      }
      // Its store is not this one's.
      const broken = refusing("STORE_FAULT", {});
      await withDevices({ laptop: broken }, async (devices) => {
        const { code, message } = await devices.failure("laptop");
        assertEquals(code, "STORE_FAULT");
        assert(
          message.endsWith(String.raw`from "laptop": "Fine.\n\u001b[2JRun: gpmd grant everyone '*'"`),
          message,
        );
      });
      await withDevices({ laptop: broken, other: sending(MODULE) }, async (devices) => {
        assertEquals(await devices.get("laptop"), MODULE);
      });
    },
  );
});

Deno.test("a slow device has its time for each piece, counted from the one before", async () => {
  using place = temporaryHome();
  await Deno.mkdir(place.home);
  const module = moduleOf(6 << 20, 5);
  const hash = await sha256(module);
  const send = sending(module);
  // All are asked for at once; each is sent a while after the one before.
  const turns = Array.from({ length: 7 }, () => Promise.withResolvers<void>());
  turns[0]!.resolve();
  const slow: Get = async (wanted, request) => {
    if (wanted.encoding === "bytes") {
      const piece = wanted.start! >> 20;
      await turns[piece]!.promise;
      await new Promise((resolve) => setTimeout(resolve, 110));
      turns[piece + 1]!.resolve();
    }
    return await send(wanted, request);
  };
  const silent: Get = (wanted, request) =>
    wanted.encoding === "bytes" ? new Promise(() => {}) : send(wanted, request);
  const fetch = async (get: Get, pieceTime: number) => {
    const [near, far] = memoryPair().map((transport) => ({
      transport,
      decoder: new FrameDecoder(SESSION_CAPS, false),
    }));
    new Channel(far!, { handlers: answering({ "module.get": get }) });
    const reach = {
      open: () => Promise.resolve(new Channel(near!)),
      devices: () => Promise.resolve([]),
    } as unknown as DeviceReach;
    const fetched = await FetchedModules.open(place.home);
    await new RemoteModules(reach, fetched, new DaemonEvents(), pieceTime).fetch({
      name: "m",
      hash,
      device: "pi",
    });
  };
  await fetch(slow, 600); // the last comes after 660 ms
  await Deno.remove(`${place.home}/fetched`, { recursive: true });
  assertEquals((await assertRejects(() => fetch(silent, 40), GhostError)).code, "CONNECTION_LOST");
});

Deno.test("a device that never sends what its nodes bring holds two fetches, and others go on", async () => {
  using place = temporaryHome();
  await Deno.mkdir(place.home);
  const opened: string[] = [];
  const ends: ((error: GhostError) => void)[] = [];
  const reach = {
    open: (device: string) => {
      opened.push(device);
      return new Promise<never>((_, reject) => ends.push(reject));
    },
    devices: () => Promise.resolve([]),
  } as unknown as DeviceReach;
  const modules = new RemoteModules(reach, await FetchedModules.open(place.home), new DaemonEvents());
  const fetch = (device: string, digit: string) =>
    assertRejects(() => modules.fetch({ name: "math", hash: digit.repeat(64), device }), GhostError);
  const fetches = [fetch("evil", "1"), fetch("evil", "2"), fetch("evil", "3"), fetch("pi", "4")];
  await eventually("the others' turn", () => opened.length >= 3);
  assertEquals(opened.toSorted(), ["evil", "evil", "pi"]);
  while (opened.length < 4 || ends.length > 0) {
    for (const end of ends.splice(0)) end(new GhostError("DEVICE_UNREACHABLE"));
    await eventually("the third one's turn", () => opened.length === 4);
  }
  assertEquals((await Promise.all(fetches)).map(({ code }) => code), Array(4).fill("DEVICE_UNREACHABLE"));
});
