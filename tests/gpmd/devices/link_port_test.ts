// What the link may say to GPMD, and other devices through it. The steps share a daemon, to which each has connections of its own.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { printable } from "../../../gmp/command/printable.ts";
import { request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { LINK_KEY_NAME, linkKey } from "../../../gmp/handshake/keys.ts";
import { type OperationName, OPERATIONS } from "../../../gmp/messages/operations.ts";
import { MESSAGES } from "../../../gmp/messages/messages.ts";
import { reachGpmd } from "../../../gmp/ports/reach_gpmd.ts";
import { MAX_LINK_FAULTS } from "../../../gpmd/devices/link_port.ts";
import { sampleOfFields } from "../../gmp/messages/_samples.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { connectNode } from "../_node.ts";
import { connectLink, inviting, pair, serveLink, type TestLink } from "./_link.ts";

const failure = (promise: Promise<unknown>) => assertRejects(() => promise, GhostError);
const codeOf = async (promise: Promise<unknown>) => (await failure(promise)).code;
const log = ({ settings }: TestDaemon) => Deno.readTextFileSync(`${settings.home}/gpmd.log`);

/** The operations that `link` is not refused as unknown. */
async function known({ channel }: TestLink): Promise<OperationName[]> {
  const names: OperationName[] = [];
  for (const name of Object.keys(OPERATIONS) as OperationName[]) {
    const asked = channel.request(name, sampleOfFields(MESSAGES[name].request.fields));
    const code = await asked.then(() => "answered", (error) => GhostError.from(error).code);
    if (code !== "UNKNOWN_OPERATION") names.push(name);
  }
  return names;
}

const codeOfError = (error: unknown) => GhostError.from(error).code;

Deno.test("the port of the link", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "GPMD asks the newest link; the one before is told goodbye, and without one it is LINK_NOT_RUNNING",
    async () => {
      await using gpmd = await daemon.connect();
      const ask = () => gpmd.devices();
      const error = await failure(ask());
      assertEquals([error.code, error.retryable], ["LINK_NOT_RUNNING", true]);
      const device = { name: "laptop", id: "12D3", addresses: [], since: "2026", reachable: false };
      await using older = await serveLink(daemon, { "device.list": () => ({ devices: [] }) });
      assertEquals(await ask(), []);
      const newer = await serveLink(daemon, { "device.list": () => ({ devices: [device] }) });
      assertEquals(await older.channel.closed, undefined);
      assertEquals(await ask(), [device]);
      await newer.channel.close();
      assertEquals(await codeOf(ask()), "LINK_NOT_RUNNING");
    },
  );

  await t.step(
    "with the link's key only a few operations are known, and none of commands or nodes",
    async () => {
      await using link = await connectLink(daemon);
      const forLink = ["node.discover", "node.locate", "device.enter", "device.paired", "device.serve"]
        .concat("device.reached");
      // A use that it cannot have twice comes last, or it would enter as a device.
      await request(link.channel, "device.serve", {});
      assertEquals(await known(link), forLink);
      assertEquals(await codeOf(request(link.channel, "device.enter", { device: "laptop" })), "BAD_REQUEST");
    },
  );

  await t.step(
    "a connection that has entered as a device serves its commands, as granted, and nothing of the link",
    async () => {
      await using link = await serveLink(daemon, inviting("code-1"));
      await pair(daemon, { device: "laptop", code: "code-1", link }, ["commands"]);
      await using entered = await connectLink(daemon);
      await request(entered.channel, "device.enter", { device: "laptop" });
      assertEquals((await request(entered.channel, "gpmd.status", {})).pid, daemon.pid);
      assertEquals(await request(entered.channel, "module.list", {}), { modules: [] });
      const error = await failure(request(entered.channel, "gpmd.kill", {}));
      assertEquals([error.code, error.details], ["NOT_GRANTED", { subject: "laptop", what: "manage" }]);
      assert(error.message.endsWith("gpmd grant laptop manage"), error.message);
      const commands = [
        "module.get",
        "module.list",
        "gpmd.status",
        "gpmd.kill",
        "gpmd.nodes",
        "module.put",
        "module.info",
      ];
      assertEquals(await known(entered), [...commands, "module.remove"]);
      assertEquals((await request(link.channel, "node.discover", {})).names, []); // the daemon still runs
    },
  );

  await t.step(
    "a device without a grant for commands, or that was removed, is refused all of them",
    async () => {
      await using link = await serveLink(daemon, { ...inviting("code"), "device.remove": () => ({}) });
      await pair(daemon, { device: "laptop", code: "code", link });
      await using stranger = await connectLink(daemon);
      await request(stranger.channel, "device.enter", { device: "stranger" });
      await using laptop = await connectLink(daemon);
      await request(laptop.channel, "device.enter", { device: "laptop" });
      for (const { channel } of [stranger, laptop]) {
        assertEquals(await codeOf(request(channel, "gpmd.status", {})), "NOT_GRANTED");
      }
      await pair(daemon, { device: "laptop", code: "code", link }, ["commands"]);
      await request(laptop.channel, "gpmd.status", {});
      await using gpmd = await daemon.connect();
      await gpmd.removeDevice("laptop");
      assertEquals(await codeOf(request(laptop.channel, "gpmd.status", {})), "NOT_GRANTED");
    },
  );

  await t.step("a device is paired only by a code that a command has asked for, once", async () => {
    await using link = await serveLink(daemon, inviting("code"));
    const paired = (code: string) => request(link.channel, "device.paired", { device: "laptop", code });
    assertEquals(await codeOf(paired("code")), "PAIRING_FAILED");
    await pair(daemon, { device: "laptop", code: "code", link });
    assertEquals(await codeOf(paired("code")), "PAIRING_FAILED");
    await using gpmd = await daemon.connect();
    await gpmd.invite({ lifetime: 1 });
    await eventually("the end of the invitation", async () => {
      return await paired("code").then(() => false, (error) => error.message.includes("too old"));
    });
    for (const device of ["local", "everyone", "a@b", ""]) {
      assertEquals(
        await codeOf(request(link.channel, "device.paired", { device, code: "code" })),
        "INVALID_NAME",
      );
    }
  });

  await t.step("what a command asks of a link that ends is CONNECTION_LOST", async () => {
    const asked = Promise.withResolvers<void>();
    await using link = await serveLink(daemon, {
      "device.list": () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    await using gpmd = await daemon.connect();
    const answer = codeOf(gpmd.devices());
    await asked.promise;
    link.channel.abort(new GhostError("CONNECTION_LOST"));
    assertEquals(await answer, "CONNECTION_LOST");
  });

  await t.step(
    "the link hears when nodes come and go, and its faults are in the log, not without end",
    async () => {
      await using link = await serveLink(daemon);
      const node = await connectNode(daemon);
      await node.register("node-1");
      await link.nodesChanged();
      assertEquals((await request(link.channel, "node.discover", {})).names, ["node-1"]);
      await node.channel.close();
      await link.nodesChanged();
      await using entered = await connectLink(daemon);
      await request(entered.channel, "device.enter", { device: "laptop" });
      for (const [{ channel }, message] of [[entered, "of a device"], [link, "of the link"]] as const) {
        for (let i = 0; i < 2 * MAX_LINK_FAULTS; i++) channel.notify("link.fault", { message });
      }
      await request(link.channel, "node.discover", {});
      assertEquals(log(daemon).match(/ error link\.fault message="of the link"\n/g)?.length, MAX_LINK_FAULTS);
      assert(!log(daemon).includes("of a device"));
    },
  );

  await t.step("the link's key opens no other port, and no other key is the link's", async () => {
    const { settings: { commandPort, gmpPort }, secret } = daemon;
    const key = await linkKey(secret);
    const attempts = [
      [{ audience: "gpmd/commands", port: commandPort, keyName: LINK_KEY_NAME }, key],
      [{ audience: "gpmd/commands", port: commandPort }, key],
      [{ audience: "gpmd/nodes", port: gmpPort }, key],
      [{ audience: "gpmd/nodes", port: gmpPort, keyName: LINK_KEY_NAME }, secret],
    ] as const;
    for (const [port, tried] of attempts) {
      assertEquals(await codeOf(reachGpmd(port, tried)), "UNAUTHENTICATED");
    }
  });

  await t.step("nothing that a link or another device says reaches the terminal as it is", async () => {
    const evil = "x\u001b]0;owned\u0007\n\u202e";
    const described = { id: evil, addresses: [evil], since: evil, reachable: false, lastSeen: evil };
    await using _link = await serveLink(daemon, {
      ...inviting(evil),
      "device.list": () => ({ devices: [{ ...described, name: "laptop" }, { ...described, name: evil }] }),
    });
    const listed = await gpmd(daemon.env, "device", "list");
    const lines = listed.stdout.trimEnd().split("\n");
    assertEquals([listed.code, lines.length], [0, 2], listed.stdout); // the other one's name is none
    const invited = await gpmd(daemon.env, "device", "invite");
    for (const text of [lines.join(""), invited.stdout.trimEnd()]) {
      assert(text.includes("\\u{1b}]0;owned\\u{7}\\u{a}\\u{202e}"), text);
      assertEquals(text, printable(text));
    }
  });

  await t.step(
    "a device that is joined has what it is granted then, also when who asked for it has gone",
    async () => {
      await using gpmd = await daemon.connect();
      await gpmd.grant("pi", ["manage"]); // of a device that once had the name
      const asked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<void>();
      const device = {
        name: "pi",
        id: "id",
        addresses: [],
        since: "2026-01-01T00:00:00.000Z",
        reachable: true,
      };
      await using _link = await serveLink(daemon, {
        "device.join": async () => {
          asked.resolve();
          await answer.promise;
          return { device, formerly: "raspberry" };
        },
      });
      await gpmd.grant("raspberry", ["math"]);
      const command = await daemon.connect();
      const cut = new AbortController();
      const joining = codeOf(command.join("code", { grants: ["commands"], signal: cut.signal }));
      await asked.promise;
      cut.abort();
      assertEquals(await joining, "CANCELLED");
      await command.close();
      answer.resolve();
      await eventually("what it is granted", async () => {
        return (await gpmd.grants("pi")).map(({ what }) => what).join() === "commands";
      });
      assertEquals(await gpmd.grants("raspberry"), []);
    },
  );

  await t.step("a device that is paired anew by another name has no grants by its old one", async () => {
    await using link = await serveLink(daemon, inviting("code"));
    await pair(daemon, { device: "pi", code: "code", link });
    await using gpmd = await daemon.connect();
    await gpmd.invite({ lifetime: 60_000 });
    await request(link.channel, "device.paired", { device: "desk", code: "code", formerly: "pi" });
    assertEquals([(await gpmd.grants("pi")).length, (await gpmd.grants("desk")).length], [0, 3]);
  });

  await t.step("a device has no grants any more when the link ends while it removes it", async () => {
    await using gpmd = await daemon.connect();
    await gpmd.grant("pi", ["manage"]);
    const link: TestLink = await serveLink(daemon, {
      "device.remove": () => {
        link.channel.abort(new GhostError("CONNECTION_LOST"));
        return {};
      },
    });
    assertEquals(await codeOf(gpmd.removeDevice("pi")), "CONNECTION_LOST");
    assertEquals(await gpmd.grants("pi"), []);
  });
});

Deno.test("another device has 32 connections for commands, one that ends makes room, and floods leave the log readable", async () => {
  await using daemon = await startDaemon();
  await using link = await serveLink(daemon);
  await using node = await connectNode(daemon);
  await node.register("node-1");
  const links: TestLink[] = [];
  const enter = async (device: string) => {
    links.push(await connectLink(daemon));
    await request(links.at(-1)!.channel, "device.enter", { device });
  };
  for (let count = 0; count < 32; count++) await enter("laptop");
  assertEquals(await codeOf(enter("laptop")), "TOO_MANY_CONNECTIONS");
  await enter("pi");
  await links.shift()!.channel.close();
  await eventually("room", () => enter("laptop").then(() => true, () => false));
  const by = { device: "laptop", name: "x", id: "x" };
  const locate = () => request(link.channel, "node.locate", { name: "node-1", by });
  for (let count = 0; count < 50; count++) await locate();
  const lines = log(daemon).split("\n");
  assertEquals(lines.filter((line) => line.includes("laptop")).length, 20);
  assertEquals(lines.filter((line) => line.includes("device=pi")).length, 1);
  const located = () => Promise.all(Array.from({ length: 1000 }, () => locate().then(() => "", codeOfError)));
  const codes = [...await located(), ...await located()];
  assertEquals(new Set(codes), new Set(["", "TOO_MANY_REQUESTS"]));
  for (const { channel } of links) await channel.close();
});

Deno.test("a device that was joined is not paired when its grants cannot be written", async () => {
  await using daemon = await startDaemon();
  const removed: string[] = [];
  const device = { name: "pi", id: "pi", addresses: [], since: "2026-01-01", reachable: true };
  await using _link = await serveLink(daemon, {
    "device.join": () => ({ device }),
    "device.remove": ({ device }) => {
      removed.push(device);
      return {};
    },
  });
  await using gpmd = await daemon.connect();
  await Deno.mkdir(`${daemon.settings.home}/grants.json/in-the-way`, { recursive: true });
  assertEquals(await codeOf(gpmd.join("code")), "STORE_FAULT");
  assertEquals(removed, ["pi"]);
});
