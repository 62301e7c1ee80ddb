import { assert, assertEquals } from "@std/assert";
import { request } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { newKey } from "../../../gmp/handshake/keys.ts";
import { DISCOVER_TIME } from "../../../gpmd/devices/remote_nodes.ts";
import { assertFails, elapsed } from "../../gvm/harness.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { connectNode } from "../_node.ts";
import { connectLink, serveLink } from "./_link.ts";

const NODE = { name: "node-8399", id: crypto.randomUUID() };
const PIPE = new Uint8Array(16).fill(9);

Deno.test("nodes of other devices, as GPMD tells of them", async (t) => {
  await using daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  const nobody = () =>
    eventually("the end of the node before", async () => (await gpmd.nodes()).length === 0);
  /** A node of that name, and no other. */
  const registered = async (name: string, port?: number) => {
    await nobody();
    const node = await connectNode(daemon);
    await node.register(name, port);
    return node;
  };

  await t.step(
    "what the link refuses passes through, and without a link there is LINK_NOT_RUNNING",
    async () => {
      await using node = await registered("node-1");
      const locate = () => request(node.channel, "node.locate", { name: "node-8399", device: "laptop" });
      const open = () => request(node.channel, "place.open", { device: "laptop", pipe: PIPE });
      for (const ask of [locate, open]) await assertFails("LINK_NOT_RUNNING", ask());
      let refusal: GhostError;
      const refuse = () => {
        throw refusal;
      };
      await using _link = await serveLink(daemon, { "device.locate": refuse, "device.open": refuse });
      for (const code of ["DEVICE_UNREACHABLE", "NOT_GRANTED", "CONNECTION_LOST"] as const) {
        refusal = new GhostError(code, `${code} of the link`);
        for (const ask of [locate, open]) {
          assertEquals((await assertFails(code, ask())).message, `${code} of the link`);
        }
      }
    },
  );

  await t.step(
    "nodes of other devices come after those of this one, in order, and only by names",
    async () => {
      await using node = await registered("node-2");
      const discover = async () => (await request(node.channel, "node.discover", {})).names;
      assertEquals(await discover(), ["node-2"]);
      const link = await serveLink(daemon, {
        "device.discover": () => ({
          nodes: [
            { device: "pi", names: ["node-9", "node-1", "\u001b[2J", "a@b", ""] },
            { device: "laptop", names: ["node-9"] },
            { device: "\u001b[2J", names: ["node-9"] },
            { device: "local", names: ["node-2"] },
            { device: "", names: ["node-9"] },
          ],
        }),
      });
      assertEquals(await discover(), ["node-2", "node-1@pi", "node-9@laptop", "node-9@pi"]);
      // The link is told of this device's nodes only.
      assertEquals((await request(link.channel, "node.discover", {})).names, ["node-2"]);
      await link[Symbol.asyncDispose]();
      assertEquals(await discover(), ["node-2"]);
    },
  );

  await t.step(
    "a link that does not answer, or answers wrongly, delays a list of nodes by half a second at most",
    async () => {
      await using node = await registered("node-2");
      let asked = 0;
      const answer = Promise.withResolvers<never>();
      await using _link = await serveLink(daemon, {
        "device.discover": () => {
          asked++;
          return answer.promise;
        },
      });
      const time = await elapsed(async () => {
        const lists = Array.from({ length: 50 }, () => request(node.channel, "node.discover", {}));
        for (const { names } of await Promise.all(lists)) assertEquals(names, ["node-2"]);
      });
      assert(time >= DISCOVER_TIME - 10, `${time} ms`);
      assertEquals(asked, 1);
      answer.reject(new GhostError("INTERNAL"));
      assertEquals((await request(node.channel, "node.discover", {})).names, ["node-2"]);
    },
  );

  await t.step(
    "a node of another device is located by the link, and its places are offered and opened",
    async () => {
      await nobody();
      await using node = await connectNode(daemon);
      const ticket = newKey();
      const asked: unknown[] = [];
      await using _link = await serveLink(daemon, {
        "device.locate": (wanted) => {
          asked.push(wanted);
          return { ...NODE, port: 4321, ticket };
        },
        "device.offer": (wanted) => {
          asked.push(wanted);
          return { pipe: PIPE };
        },
        "device.open": (wanted) => {
          asked.push(wanted);
          return { port: 4322 };
        },
      });
      const questions = [
        () => request(node.channel, "node.locate", { name: NODE.name, device: "laptop" }),
        () => request(node.channel, "place.offer", { device: "laptop", port: 4000 }),
        () => request(node.channel, "place.open", { device: "laptop", pipe: PIPE }),
      ] as const;
      for (const ask of questions) await assertFails("BAD_REQUEST", ask()); // it has not registered
      const id = crypto.randomUUID();
      await request(node.channel, "node.register", { name: "node-1", id, port: 4000 });
      const [located, offered, opened] = questions;
      assertEquals(await located(), { ...NODE, address: "127.0.0.1", port: 4321, ticket });
      assertEquals(await offered(), { pipe: PIPE });
      assertEquals(await opened(), { port: 4322 });
      assertEquals(asked, [
        { device: "laptop", name: NODE.name, by: { name: "node-1", id } },
        { device: "laptop", port: 4000 },
        { device: "laptop", pipe: PIPE },
      ]);
      await assertFails("INVALID_NAME", request(node.channel, "node.locate", { name: "n", device: "local" }));
      await assertFails("INVALID_NAME", request(node.channel, "place.offer", { device: "Laptop", port: 1 }));
    },
  );

  await t.step("the name that is meant is told, of nodes and devices", async () => {
    await using node = await registered("node-1");
    let refusal: GhostError;
    const description = { id: "key", addresses: [], since: "2026-01-01", reachable: true };
    await using _link = await serveLink(daemon, {
      "device.discover": () => ({ nodes: [{ device: "laptop", names: ["node-8399", "worker"] }] }),
      "device.list": () => ({ devices: [{ name: "laptop", ...description }] }),
      "device.locate": () => {
        throw refusal;
      },
    });
    const missed = async (code: "NODE_NOT_FOUND" | "DEVICE_NOT_FOUND", name: string, device?: string) => {
      const { message, details } = await assertFails(
        code,
        request(node.channel, "node.locate", { name, device }),
      );
      return [message, details?.suggestion];
    };
    refusal = new GhostError("DEVICE_NOT_FOUND");
    assertEquals(await missed("DEVICE_NOT_FOUND", "node-8399", "lapto"), [
      'Cannot find "node-8399@lapto": no device "lapto" is paired with this one; did you mean "node-8399@laptop"?',
      "node-8399@laptop",
    ]);
    assertEquals(await missed("DEVICE_NOT_FOUND", "node-8399", "printer"), [
      'Cannot find "node-8399@printer": no device "printer" is paired with this one',
      undefined,
    ]);
    refusal = new GhostError("NODE_NOT_FOUND", "There", { details: { suggestion: "node-8399" } });
    assertEquals(await missed("NODE_NOT_FOUND", "node-839", "laptop"), [
      'Cannot find "node-839@laptop": no node of that name is registered there; did you mean "node-8399@laptop"?',
      "node-8399@laptop",
    ]);
    refusal = new GhostError("NODE_NOT_FOUND", "There", { details: { suggestion: "\u001b[2J" } });
    assertEquals((await missed("NODE_NOT_FOUND", "x", "laptop"))[1], undefined);
    // Without a device: one of the same name elsewhere, else the nearest here, else the nearest elsewhere.
    assertEquals((await missed("NODE_NOT_FOUND", "node-8399"))[1], "node-8399@laptop");
    assertEquals((await missed("NODE_NOT_FOUND", "node-2"))[1], "node-1");
    assertEquals((await missed("NODE_NOT_FOUND", "worke"))[1], "worker@laptop");
    assertEquals((await missed("NODE_NOT_FOUND", "somebody"))[1], undefined);
  });

  await t.step(
    "the link locates nodes of this device for those of others, which are then expected",
    async () => {
      await using node = await registered("node-1", 4000);
      await using link = await connectLink(daemon);
      const by = { device: "pi", name: "node-5", id: crypto.randomUUID() };
      const { ticket, ...found } = await request(link.channel, "node.locate", { name: "node-1", by });
      assertEquals([found.name, found.port], ["node-1", 4000]);
      assertEquals(await node.notice(), { notice: "peer.expected", ...by, ticket });
      const wrong = [
        { name: "node-1" },
        { name: "node-1", device: "laptop" },
        { name: "node-1", device: "laptop", by },
      ];
      for (const wanted of wrong) {
        await assertFails(
          "BAD_REQUEST",
          request(link.channel, "node.locate", wanted),
        );
      }
      const odd = [{ ...by, device: "local" }, { ...by, device: "" }, { ...by, name: "a@b" }];
      for (const by of odd) {
        await assertFails("INVALID_NAME", request(link.channel, "node.locate", { name: "node-1", by }));
      }
      const error = await assertFails(
        "NODE_NOT_FOUND",
        request(link.channel, "node.locate", { name: "node-2", by }),
      );
      assertEquals(error.details, { suggestion: "node-1" });
      for (const operation of ["place.offer", "place.open", "node.register", "module.get"] as const) {
        await assertFails("UNKNOWN_OPERATION", link.channel.request(operation, {}));
      }
      // Nobody else speaks for nodes of other devices.
      await assertFails("BAD_REQUEST", request(node.channel, "node.locate", { name: "node-1", by }));
    },
  );

  await t.step(
    "every node hears when devices change, from the link that GPMD asks and from nobody else",
    async () => {
      await using node = await registered("node-1");
      await using other = await connectLink(daemon);
      await using link = await serveLink(daemon);
      other.channel.notify("devices.changed", {});
      node.channel.notify("devices.changed", {});
      await request(other.channel, "node.discover", {}); // whatever came before was taken
      link.channel.notify("devices.changed", {});
      assertEquals(await node.notice(), { notice: "devices.changed" });
      const module = Deno.readFileSync(new URL("../../../examples/math/math.wasm", import.meta.url));
      await gpmd.upload({ name: "math", version: "v0.0.1", module });
      assertEquals((await node.notice()).notice, "modules.changed");
    },
  );
});
