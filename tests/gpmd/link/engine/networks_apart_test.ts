// Links in networks of their own: found by mDNS, after a cut of the cable, at a new address, and over a third device. All steps
// have the same two; the last gives them the third, and networks apart.
import { assert, assertEquals } from "@std/assert";
import { eventually } from "../../../tools/commands.ts";
import { Lan, type LanDevice, whyNoNamespaces } from "../../../tools/lan.ts";
import { LinkProcess } from "./_networks.ts";

const reason = await whyNoNamespaces();
if (reason !== undefined) console.log(`Skipped: ${reason}`);

/** A link in a network of its own. */
interface Linked {
  readonly place: LanDevice;
  readonly link: LinkProcess;
}

/** Runs `steps` in a network that is removed afterwards, with all that is started in it. */
async function withLan(
  steps: (start: (name: string, relay: boolean, ...addresses: string[]) => Promise<Linked>) => Promise<void>,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const lan = stack.use(await Lan.make());
  await steps(async (name, relay, ...addresses) => {
    const place = await lan.device(name, ...addresses);
    const directory = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(directory, { recursive: true }));
    const options = { directory, deviceName: name, port: 5990, networks: ["10.76.0.0/14"], relay };
    return { place, link: stack.use(new LinkProcess(place, options)) };
  });
}

Deno.test({
  name: "two devices whose addresses change",
  ignore: reason !== undefined,
  fn: (t) =>
    withLan(async (start) => {
      const laptop = await start("laptop", false, "10.77.0.1/16");
      const pi = await start("pi", false, "10.77.0.2/16");
      const code = await laptop.link.ask("invite") as string;
      assert(code.endsWith("@10.77.0.1:5990"), code);
      assertEquals(await pi.link.ask("join", code), "laptop");
      for (const { link } of [laptop, pi]) assertEquals((await link.happened("reachable")).way, "stream");

      await t.step(
        "a device that has moved to another address is there again within 25 seconds",
        async () => {
          const started = performance.now();
          await pi.place.move("10.77.0.3/16");
          await pi.link.happened("reachable");
          // So that the other side ends what goes by the old address, and waits for no silence, it is told of both.
          await laptop.link.happened("unreachable");
          await laptop.link.happened("reachable");
          assert(performance.now() - started < 25_000, `${performance.now() - started} ms`);
          assertEquals(await laptop.link.ask("ask", "pi"), ["pi"]);
          assertEquals(await pi.link.ask("ask", "laptop"), ["laptop"]);
        },
      );

      await t.step("when both have moved, mDNS leads them to each other", async () => {
        for (const { link } of [laptop, pi]) link.forget();
        await Promise.all([laptop.place.move("10.77.1.1/16"), pi.place.move("10.77.1.2/16")]);
        await Promise.all([laptop.link.happened("unreachable"), pi.link.happened("unreachable")]);
        await Promise.all([laptop.link.happened("reachable"), pi.link.happened("reachable")]);
        assertEquals(await laptop.link.ask("ask", "pi"), ["pi"]);
        assertEquals(await pi.link.ask("echo", "laptop", 1 << 20), 1 << 20);
      });

      await t.step(
        "two devices in networks apart reach each other over a third that carries them",
        async () => {
          for (const { link } of [laptop, pi]) link.forget();
          const relay = await start("relay", true, "10.77.0.1/16", "10.78.0.1/24");
          for (const { link } of [laptop, pi]) {
            await link.ask("join", await relay.link.ask("invite") as string);
            while ((await link.happened("reachable")).device !== "relay");
            link.forget();
          }
          await pi.place.move("10.78.0.2/24");
          while ((await pi.link.happened("unreachable")).device !== "laptop");
          for (;;) {
            const back = await pi.link.happened("reachable");
            if (back.device !== "laptop") continue;
            assertEquals(back.way, "relay");
            break;
          }
          assertEquals(await pi.link.ask("ask", "laptop"), ["laptop"]);
          // More than libp2p lets a relayed connection have by default.
          assertEquals(await pi.link.ask("echo", "laptop", 4 << 20), 4 << 20);
          // With an address in the other's network, too, they do without it.
          await pi.place.move("10.78.0.2/24", "10.77.1.2/16");
          const way = async () => {
            const devices = await pi.link.ask("devices") as { name: string; way?: string }[];
            return devices.find(({ name }) => name === "laptop")!.way;
          };
          await eventually("the way without it", async () => await way() === "stream");
          assertEquals(await pi.link.ask("ask", "laptop"), ["laptop"]);
        },
      );
    }),
});
