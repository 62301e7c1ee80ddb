// Links in networks of their own: found by mDNS, after a cut of the cable, and at a new address.
import { assert, assertEquals } from "@std/assert";
import { eventually } from "../../../tools/commands.ts";
import { Lan, whyNoNamespaces } from "../../../tools/lan.ts";
import { LinkProcess } from "./_networks.ts";

const reason = await whyNoNamespaces();
if (reason !== undefined) console.log(`Skipped: ${reason}`);

/** Two paired links, each in a network of its own, in directories that are removed afterwards. */
async function withTwo(
  steps: (
    lan: Lan,
    devices: { a: Awaited<ReturnType<Lan["device"]>>; b: Awaited<ReturnType<Lan["device"]>> },
    links: { a: LinkProcess; b: LinkProcess },
  ) => Promise<void>,
): Promise<void> {
  const directories = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir()]);
  try {
    await using lan = await Lan.make();
    const a = await lan.device("a", "10.77.0.1/16");
    const b = await lan.device("b", "10.77.0.2/16");
    const options = { port: 5990, networks: ["10.77.0.0/16"] };
    await using one = new LinkProcess(a, { ...options, directory: directories[0]!, deviceName: "laptop" });
    await using other = new LinkProcess(b, { ...options, directory: directories[1]!, deviceName: "pi" });
    const code = await one.ask("invite") as string;
    assert(code.endsWith("@10.77.0.1:5990"), code);
    assertEquals(await other.ask("join", code), "laptop");
    await Promise.all([one.happened("reachable"), other.happened("reachable")]);
    await steps(lan, { a, b }, { a: one, b: other });
  } finally {
    for (const directory of directories) await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "two devices whose addresses change",
  ignore: reason !== undefined,
  fn: (t) =>
    withTwo(async (_lan, devices, links) => {
      await t.step(
        "a device that has moved to another address is there again within 25 seconds",
        async () => {
          const started = performance.now();
          await devices.b.move("10.77.0.3/16");
          await links.b.happened("reachable");
          // So that the other side ends what goes by the old address, and waits for no silence, it is told of both.
          await links.a.happened("unreachable");
          await links.a.happened("reachable");
          assert(performance.now() - started < 25_000, `${performance.now() - started} ms`);
          assertEquals(await links.a.ask("ask", "pi"), ["pi"]);
          assertEquals(await links.b.ask("ask", "laptop"), ["laptop"]);
        },
      );

      await t.step("when both have moved, mDNS leads them to each other", async () => {
        for (const link of [links.a, links.b]) link.forget();
        await Promise.all([devices.a.move("10.77.1.1/16"), devices.b.move("10.77.1.2/16")]);
        await Promise.all([links.a.happened("unreachable"), links.b.happened("unreachable")]);
        await Promise.all([links.a.happened("reachable"), links.b.happened("reachable")]);
        assertEquals(await links.a.ask("ask", "pi"), ["pi"]);
        assertEquals(await links.b.ask("echo", "laptop", 1 << 20), 1 << 20);
      });
    }),
});

Deno.test({
  name: "two devices in networks apart reach each other over a third that carries them",
  ignore: reason !== undefined,
  fn: async () => {
    const directories = await Promise.all([Deno.makeTempDir(), Deno.makeTempDir(), Deno.makeTempDir()]);
    try {
      await using lan = await Lan.make();
      const places = [
        await lan.device("r", "10.77.0.1/24", "10.78.0.1/24"),
        await lan.device("a", "10.77.0.2/24"),
        await lan.device("b", "10.77.0.3/24"),
      ];
      const start = (i: number, deviceName: string) =>
        new LinkProcess(places[i]!, {
          directory: directories[i]!,
          deviceName,
          port: 5990,
          networks: ["10.76.0.0/14"],
          relay: i === 0,
        });
      await using relay = start(0, "relay");
      await using laptop = start(1, "laptop");
      await using pi = start(2, "pi");
      for (const joiner of [laptop, pi]) await joiner.ask("join", await relay.ask("invite") as string);
      await pi.ask("join", await laptop.ask("invite") as string);
      for (const link of [laptop, pi]) {
        await link.happened("reachable");
        assertEquals((await link.happened("reachable")).way, "stream");
        link.forget();
      }
      await places[2]!.move("10.78.0.2/24");
      const gone = (event: Record<string, unknown>) => event.device === "laptop";
      while (!gone(await pi.happened("unreachable")));
      for (;;) {
        const back = await pi.happened("reachable");
        if (back.device !== "laptop") continue;
        assertEquals(back.way, "relay");
        break;
      }
      assertEquals(await pi.ask("ask", "laptop"), ["laptop"]);
      // More than libp2p lets a relayed connection have by default.
      assertEquals(await pi.ask("echo", "laptop", 4 << 20), 4 << 20);
      // With an address in the other's network, too, they do without it.
      await places[2]!.move("10.78.0.2/24", "10.77.0.3/24");
      const way = async () => {
        const devices = await pi.ask("devices") as { name: string; way?: string }[];
        return devices.find(({ name }) => name === "laptop")!.way;
      };
      await eventually("the way without it", async () => await way() === "stream");
      assertEquals(await pi.ask("ask", "laptop"), ["laptop"]);
    } finally {
      for (const directory of directories) await Deno.remove(directory, { recursive: true });
    }
  },
});
