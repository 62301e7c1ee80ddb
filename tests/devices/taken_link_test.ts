// A device in an attacker's hands, and its link, with the permissions and the keys of the real one: the same two devices.
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { linkKey } from "../../gmp/handshake/keys.ts";
import { linkPermissions } from "../../gpmd/link/link_command.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { assertFails } from "../gvm/harness.ts";
import { eventually } from "../tools/commands.ts";
import { request } from "../../gmp/channel/messages.ts";
import { connectNode } from "../gpmd/_node.ts";
import { pairDevices, type TestDevice, withDevices } from "../tools/paired_devices.ts";
import type { TakenLink } from "./_taken_link.ts";

/** What came of the attacker's attempts, by name; those that are left out were refused as the link's own files say. */
async function attack({ daemon: { settings, secret } }: TestDevice): Promise<Record<string, string>> {
  const settingsOfLink = { home: settings.home, port: 5990, networks: ["127.0.0.1"] };
  const program = fromFileUrl(new URL("./_taken_link.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...linkPermissions(settingsOfLink), program],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const known: TakenLink = { ...settings, key: (await linkKey(secret)).toHex() };
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(known)));
  await input.close();
  const { stdout } = await child.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("two devices, one of which is in an attacker's hands", (t) =>
  withDevices(async (laptop, pi) => {
    await pairDevices(laptop, pi, "math.add");

    await t.step(
      "a paired device that asks for what nobody has offered it reaches nothing, and calls only what it is granted",
      async () => {
        for (const name of ["math", "counter"]) {
          const file = fromFileUrl(new URL(`../../examples/${name}/${name}.wasm`, import.meta.url));
          await laptop.lines("wasm", "upload", `--name=${name}`, "--version=v1.0.0", file);
        }
        const start = ({ daemon: { settings, secret } }: TestDevice, name: string) =>
          GhostNode.start({ ...settings, secret, name });
        await using _there = await start(laptop, "there");
        await using here = await start(pi, "here");
        const on = "there@laptop";
        await eventually("the connection", () => here.connect(on).then(() => true, () => false));
        assertEquals(await here.call("math.add", [1, 2], { on }), 3);
        await assertFails("NOT_GRANTED", here.call("math.fib", [2], { on }));
        await assertFails("NOT_GRANTED", here.call("counter.next", [], { on }));
        // Ports are not what is asked for, only tokens: one that spells a port is as unknown as any.
        const ports = [22, laptop.daemon.settings.commandPort, laptop.daemon.settings.gmpPort];
        for (const port of ports) assertEquals(await bytesBehind(pi, tokenOf(port)), 0);
        assertEquals(await bytesBehind(pi, crypto.getRandomValues(new Uint8Array(16))), 0);
        assertEquals(await here.call("math.add", [2, 2], { on }), 4);
      },
    );

    await t.step(
      "a link that is taken over is worth what other devices are granted, and no more",
      async () => {
        const grants = await laptop.lines("grants", "--json");
        const outcomes = await attack(laptop);
        const { "read the device's key": key, ...others } = outcomes;
        assertEquals(key, "done"); // the attempts are real ones
        const entered = Object.entries(others).filter(([name]) => name.startsWith("enter as "));
        assertEquals(Object.fromEntries(entered), {
          "enter as pi": "done",
          "enter as stranger": "done",
          "enter as local": "INVALID_NAME",
          "enter as everyone": "INVALID_NAME",
        });
        const refusals = Object.entries(others).filter(([name]) => !name.startsWith("enter as "));
        const expected = (name: string) => {
          if (name.startsWith("as link: ") || name.startsWith("as local") || name.startsWith("as everyone")) {
            return "UNKNOWN_OPERATION";
          }
          if (name.startsWith("as ")) return "NOT_GRANTED";
          if (name.startsWith("give commands") || name === "be a node") return "UNAUTHENTICATED";
          if (name === "read the environment") return "Error"; // it is empty
          return name.startsWith("pair ") ? "PAIRING_FAILED" : "NotCapable";
        };
        for (const [name, outcome] of refusals) assertEquals([name, outcome], [name, expected(name)]);
        assertEquals(refusals.length, 33);
        assertEquals(await laptop.lines("grants", "--json"), grants);
      },
    );
  }));

function tokenOf(port: number): Uint8Array<ArrayBuffer> {
  const token = new Uint8Array(16);
  new DataView(token.buffer).setUint16(14, port);
  return token;
}

/** The bytes that come out of the port that `device` gets for what the laptop would have offered as `pipe`, until it is closed. */
async function bytesBehind({ daemon }: TestDevice, pipe: Uint8Array): Promise<number> {
  await using node = await connectNode(daemon);
  await node.register(`node-${crypto.randomUUID().slice(0, 4)}`);
  const { port } = await request(node.channel, "place.open", { device: "laptop", pipe });
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let size = 0;
  try {
    await connection.write(new TextEncoder().encode("SSH-2.0-x\r\n"));
    const buffer = new Uint8Array(64);
    for (let count; (count = await connection.read(buffer)) !== null;) size += count;
  } catch {
    // A reset ends it as well.
  }
  return size;
}
