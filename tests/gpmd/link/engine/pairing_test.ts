import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { parseInvitationCode, writeInvitationCode } from "../../../../gmp/device/invitation_code.ts";
import { eventually } from "../../../tools/commands.ts";
import { linkTest, pair, startHost } from "./_hosts.ts";

/** What `join` fails with. */
async function failure(joining: Promise<unknown>): Promise<GhostError> {
  return await assertRejects(() => joining, GhostError);
}

linkTest("a code is good once: another device is refused, by a sentence", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  await using other = await startHost("other");
  const { code } = await laptop.host.invite({ lifetime: 60_000 });
  await pi.host.join(code);
  const [device, used] = await laptop.happened("paired");
  assertEquals([(device as { name: string }).name, used], ["pi", code]);
  const closed = await failure(other.host.join(code));
  assertEquals(closed.code, "PAIRING_FAILED");
  assert(closed.message.includes("no open invitation"), closed.message);
  // While another invitation is open, it can be told why.
  await laptop.host.invite({ lifetime: 60_000 });
  const told = await failure(other.host.join(code));
  assert(told.message.includes("used by another device"), told.message);
  assertEquals(laptop.host.devices().map(({ name }) => name), ["pi"]);
});

linkTest("devices that are paired once more keep their names, unless others are chosen", async () => {
  await using laptop = await startHost("laptop-of-anna");
  await using pi = await startHost("raspberry");
  const names = () => [laptop, pi].map(({ host }) => host.devices().map(({ name }) => name).join());
  const join = async (by: typeof pi, at: typeof pi, names: { name?: string; as?: string } = {}) => {
    await by.host.join((await at.host.invite({ lifetime: 60_000 })).code, names);
    return (await at.happened("paired"))[2]; // by what name it was paired before
  };
  assertEquals(await join(pi, laptop, { name: "laptop", as: "pi" }), undefined);
  assertEquals(names(), ["pi", "laptop"]);
  assertEquals(await join(laptop, pi), "laptop");
  assertEquals(names(), ["pi", "laptop"]);
  assertEquals(await join(laptop, pi, { name: "kitchen", as: "desk" }), "laptop");
  assertEquals(names(), ["kitchen", "desk"]);
});

linkTest("a removed device sees that it is not let in, also while an invitation is open", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  await laptop.host.invite({ lifetime: 60_000 });
  await pair(laptop, pi);
  await laptop.host.remove("pi");
  await pi.happened("left");
  assertEquals((await pi.host.examine("laptop")).addresses.map(({ state }) => state), ["unwelcome"]);
});

linkTest("a code that is too old is refused, and so is a wrong one", async () => {
  await using laptop = await startHost("laptop");
  await using pi = await startHost("pi");
  const { code } = await laptop.host.invite({ lifetime: 1 });
  await laptop.host.invite({ lifetime: 60_000 });
  const late = await failure(pi.host.join(code));
  assert(late.message.includes("too old"), late.message);
  const { key, addresses } = parseInvitationCode(code);
  const wrong = writeInvitationCode({ key, token: new Uint8Array(16), addresses });
  assertEquals((await failure(pi.host.join(wrong))).code, "PAIRING_FAILED");
  assertEquals([laptop.host.devices(), pi.host.devices()], [[], []]);
});

linkTest(
  "a device does not join itself, a code that is none, or an address where nobody or another answers",
  async () => {
    await using laptop = await startHost("laptop");
    await using pi = await startHost("pi");
    await using third = await startHost("third");
    const { code } = await laptop.host.invite({ lifetime: 60_000 });
    const own = await failure(laptop.host.join(code));
    assertEquals([own.code, own.message], ["PAIRING_FAILED", "Cannot pair: the code is this device's own"]);
    assertEquals((await failure(pi.host.join("ghost1-x"))).details, { position: 8 });
    const { key, token } = parseInvitationCode(code);
    const nobody = writeInvitationCode({ key, token, addresses: ["127.0.0.1:1"] });
    assertEquals((await failure(pi.host.join(nobody))).code, "DEVICE_UNREACHABLE");
    const { addresses } = await third.host.invite({ lifetime: 60_000 });
    const another = writeInvitationCode({ key, token, addresses });
    assertEquals((await failure(pi.host.join(another))).code, "DEVICE_UNREACHABLE");
    const elsewhere = writeInvitationCode({ key, token, addresses: ["192.0.2.1:5990"] });
    const outside = await failure(pi.host.join(elsewhere));
    assertEquals(outside.code, "DEVICE_UNREACHABLE");
    assert(outside.message.includes("may be dialled"), outside.message);
  },
);

linkTest(
  "a name that is taken on either side is refused with the option that helps, and the code stays good",
  async () => {
    await using laptop = await startHost("laptop");
    await using pi = await startHost("pi");
    await using second = await startHost("pi");
    await using namesake = await startHost("laptop");
    await pair(laptop, pi);
    const { code } = await laptop.host.invite({ lifetime: 60_000 });
    const there = await failure(second.host.join(code));
    assertEquals(there.code, "NAME_TAKEN");
    assert(there.message.includes("--as"), there.message);
    assertEquals(second.host.devices(), []);
    assertEquals((await failure(second.host.join(code, { as: "everyone" }))).code, "INVALID_NAME");
    assertEquals((await second.host.join(code, { as: "pi-2", name: "mac" })).name, "mac");
    assertEquals(laptop.host.devices().map(({ name }) => name), ["pi", "pi-2"]);
    const { code: other } = await namesake.host.invite({ lifetime: 60_000 });
    const here = await failure(pi.host.join(other));
    assertEquals(here.code, "NAME_TAKEN");
    assert(here.message.includes("--name"), here.message);
    assertEquals((await failure(pi.host.join(other, { name: "laptop" }))).code, "NAME_TAKEN");
    assertEquals((await pi.host.join(other, { name: "laptop-2" })).name, "laptop-2");
    assertEquals(namesake.host.devices().map(({ name }) => name), ["pi"]);
  },
);

linkTest(
  "when the inviting side cannot take a device, neither has the other, and the code is good for a second try",
  async () => {
    let isRefusing = true;
    await using laptop = await startHost("laptop", {
      events: {
        paired: () => {
          if (isRefusing) throw new GhostError("LINK_NOT_RUNNING");
        },
      },
    });
    await using pi = await startHost("pi");
    const { code } = await laptop.host.invite({ lifetime: 60_000 });
    assertEquals((await failure(pi.host.join(code))).code, "LINK_NOT_RUNNING");
    assertEquals([laptop.host.devices(), pi.host.devices()], [[], []]);
    isRefusing = false;
    assertEquals((await pi.host.join(code)).reachable, true);
  },
);

linkTest("a device whose last answer was lost joins again with a new code", async () => {
  await using laptop = await startHost("laptop");
  const invite = async () => (await laptop.host.invite({ lifetime: 60_000 })).code;
  const code = await invite();
  const directory = await Deno.makeTempDir();
  try {
    const pi = await startHost("pi", { directory });
    await pi.host.join(code);
    await pi.stop();
    // As if it had been ended before it could store the other.
    await Deno.remove(`${directory}/devices.json`);
    await using again = await startHost("pi", { directory });
    assertEquals((await failure(again.host.join(code))).code, "PAIRING_FAILED");
    assertEquals((await again.host.join(await invite())).name, "laptop");
    assertEquals(laptop.host.devices().map(({ name }) => name), ["pi"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

linkTest("a link listens from its first invitation on, and no more when that has ended unused", async () => {
  await using laptop = await startHost("laptop");
  assertEquals(laptop.host.addresses, []);
  const { code, addresses, expiresAt } = await laptop.host.invite({ lifetime: 3000 });
  assertEquals(laptop.host.addresses, addresses);
  assert(expiresAt.getTime() > Date.now());
  const { key } = parseInvitationCode(code);
  await using pi = await startHost("pi");
  const wrong = writeInvitationCode({ key, token: new Uint8Array(16), addresses });
  for (let tries = 0; tries < 3; tries++) await failure(pi.host.join(wrong));
  const port = Number(addresses[0]!.split(":")[1]);
  // The last refusal is still being read when the invitation has ended.
  await eventually("a port at which nobody listens", async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return false;
    } catch (error) {
      return error instanceof Deno.errors.ConnectionRefused;
    }
  });
  assertEquals(laptop.host.addresses, []);
  assertNotEquals((await laptop.host.invite({ lifetime: 60_000 })).code, code);
  assertEquals(laptop.host.addresses, addresses);
});

linkTest("a device that is removed while it is paired is not paired, whoever removes it", async () => {
  await using laptop = await startHost("laptop");
  let removed: Promise<void> | undefined;
  await using pi = await startHost("pi", {
    events: { reachable: (device) => removed = pi.host.remove(device) },
  });
  const { code } = await laptop.host.invite({ lifetime: 60_000 });
  assertEquals((await failure(pi.host.join(code))).code, "DEVICE_NOT_FOUND");
  await removed;
  assertEquals(pi.host.devices(), []);
  assertEquals((await laptop.happened("left"))[0], "pi");
});

linkTest("a device whose new pairing GPMD refuses is called what it was called before", async () => {
  let isRefused = false;
  await using laptop = await startHost("laptop", {
    events: {
      paired: () =>
        isRefused ? Promise.reject(new GhostError("PAIRING_FAILED", "Nobody was invited")) : undefined,
    },
  });
  await using pi = await startHost("pi");
  await pi.host.join((await laptop.host.invite({ lifetime: 60_000 })).code);
  isRefused = true;
  const { code } = await laptop.host.invite({ lifetime: 60_000 });
  assertEquals(
    (await failure(pi.host.join(code, { as: "admin", name: "other" }))).message,
    "Nobody was invited",
  );
  assertEquals(laptop.host.devices().map(({ name }) => name), ["pi"]);
  assertEquals(pi.host.devices().map(({ name }) => name), ["laptop"]);
});

linkTest(
  "a device that has connected before its pairing is refused is asked and answered no more",
  async () => {
    let isRefusing = false;
    const refuse = async () => {
      await pi.host.examine("laptop");
      await pi.happened("reachable");
      throw new GhostError("PAIRING_FAILED", "Nobody was invited");
    };
    await using laptop = await startHost("laptop", {
      events: { paired: () => isRefusing ? refuse() : undefined },
    });
    await using pi = await startHost("pi");
    await pi.host.join((await laptop.host.invite({ lifetime: 60_000 })).code);
    await pi.happened("reachable");
    // It still has the other one, and dials that as soon as it is let in.
    await laptop.host.remove("pi");
    await pi.happened("unreachable");
    isRefusing = true;
    const { code } = await laptop.host.invite({ lifetime: 60_000 });
    await failure(pi.host.join(code));
    await pi.happened("unreachable");
    assertEquals([laptop.host.devices(), pi.host.devices()[0]?.reachable], [[], false]);
  },
);
