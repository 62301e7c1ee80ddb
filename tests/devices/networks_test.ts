// Two devices in networks of their own, one of which calls the other while this and that happens: the short form of
// `deno task soak devices`.
import { assert, assertEquals } from "@std/assert";
import { whyNoNamespaces } from "../tools/lan.ts";
import { QUICK_FAULTS, strike, withScene } from "./_faults.ts";
import { removeDuringCall } from "./_removal.ts";
import { soakCable } from "./_soak.ts";
import { descriptorsOf, knock, settled, silentConnections, steadyConnections } from "./_strangers.ts";

/** Milliseconds between calls: some are under way whenever anything happens, and the other tests have the processors, too. */
const PAUSE = 5;

const reason = await whyNoNamespaces();
if (reason !== undefined) console.log(`Skipped: ${reason}`);

Deno.test({
  name: "two devices in networks of their own",
  ignore: reason !== undefined,
  fn: (test) =>
    withScene(async (scene) => {
      const { lan, calls } = scene;
      await test.step("whatever is cut, killed or asleep: calls end, none runs twice, all is well by itself", async () => {
        let before = await calls.check();
        for (const [name, happening] of Object.entries(QUICK_FAULTS)) {
          const after = await strike(name, happening, scene);
          assert(after.answered > before.answered, name);
          // A cable that is out for a moment costs nothing but the moment.
          if (name.startsWith("cable")) assertEquals(after.failed, before.failed, name);
          before = after;
        }
        assert(before.sessions >= 3, `${before.sessions} sessions`);
      });

      await test.step("the cable goes in and out at random", async () => {
        const { cuts, processes } = await soakCable(scene, 3000, 1000);
        assert(cuts >= 2);
        assert(processes.length >= 7);
      });

      const place = await lan.device("stranger", "10.77.0.3/16");
      await test.step("a stranger gets in nowhere, and learns nothing", () => knock(scene, place));

      await test.step("strangers that say nothing keep no paired device waiting", async () => {
        const { failed } = await calls.check();
        const before = descriptorsOf(scene.laptop);
        await silentConnections(scene, place, { count: 250, time: 500 });
        await steadyConnections(scene, [place], { perSecond: 20, time: 500 });
        assertEquals((await calls.check()).failed, failed);
        await settled(scene.laptop, before);
      });

      await test.step("a device that is removed during its calls is refused within a second, everywhere", () => {
        return removeDuringCall(scene);
      });
    }, { pause: PAUSE }),
});
