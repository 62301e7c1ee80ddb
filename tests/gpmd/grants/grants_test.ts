// GPMD's grants, at a real daemon: what commands ask, what nodes are told, and what survives a kill.
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Channel } from "../../../gmp/channel/channel.ts";
import { answering } from "../../../gmp/channel/messages.ts";
import { GhostError } from "../../../gmp/errors.ts";
import type { Grant } from "../../../gmp/messages/grants.ts";
import { grantDefaults } from "../../../gpmd/grants/grant_list.ts";
import { elapsed } from "../../gvm/harness.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { dialNode } from "../_node.ts";
import { temporaryHome } from "../_modules.ts";

/** A registered node without a virtual machine, which answers `grants.apply` with `apply`. */
async function nodeOf(
  daemon: TestDaemon,
  name: string,
  apply: (grants: Grant[]) => Promise<void>,
): Promise<{ channel: Channel; first: Grant[] } & AsyncDisposable> {
  const channel = new Channel(await dialNode(daemon), {
    handlers: answering({ "grants.apply": ({ grants }) => apply(grants as Grant[]).then(() => ({})) }),
  });
  const { grants } = await channel.request("node.register", { name, id: crypto.randomUUID(), port: 4000 });
  return { channel, first: grants as Grant[], [Symbol.asyncDispose]: () => channel.close() };
}

/** How often GPMD is killed: at another instant each time, and in each run of the tests. */
const KILLS = 4;

const text = (grants: readonly Grant[]) => grants.map(({ subject, what }) => `${subject} ${what}`);

Deno.test("the grants of a daemon", async (t) => {
  await using daemon = await startDaemon();

  await t.step("what is not granted cannot be revoked, and nothing of a wrong command is done", async () => {
    await using gpmd = await daemon.connect();
    const before = await gpmd.grants();
    const refused = async (promise: Promise<unknown>, code: string, message: string) =>
      assertEquals((await assertRejects(() => promise, GhostError, message)).code, code);
    await refused(
      gpmd.revoke("local", ["ship", "math.add"]),
      "NOT_GRANTED",
      "Cannot revoke math.add from local: it is not granted to local; granted are '*', ship, modules",
    );
    await refused(
      gpmd.revoke("pi", ["*"]),
      "NOT_GRANTED",
      "Cannot revoke '*' from pi: it is not granted to pi; nothing is",
    );
    await refused(gpmd.grant("pi", ["math", "math@v1.0.0"]), "INVALID_NAME", "names none");
    await refused(gpmd.grant("a@b@c", ["math"]), "INVALID_NAME", "neither everyone");
    await refused(gpmd.grant("pi", []), "BAD_REQUEST", "nothing is named");
    await refused(gpmd.grants("A"), "INVALID_NAME", "neither everyone");
    assertEquals(await gpmd.grants(), before);
  });

  await t.step(
    "grants are listed, added within limits, and removed, at the disk and at every node",
    async () => {
      await using gpmd = await daemon.connect();
      assertEquals(await gpmd.grants(), grantDefaults("pi").map((one) => ({ ...one, subject: "local" })));
      const told: Grant[][] = [];
      await using node = await nodeOf(daemon, "node-1", (grants) => Promise.resolve(void told.push(grants)));
      assertEquals(node.first, await gpmd.grants());
      const limits = { time: 5000, memory: 1 << 26 };
      const added = await gpmd.grant("pi", ["math.*", "math#add", "greet"], limits);
      assertEquals(added.unconfirmed, []);
      assertEquals(
        added.grants,
        ["math.*", "math.add", "greet"].map((what) => ({ subject: "pi", what, ...limits })),
      );
      assertEquals(told, [await gpmd.grants()]);
      await gpmd.grant("pi", ["greet"]);
      assertEquals(await gpmd.grants("pi"), [...added.grants.slice(0, 2), { subject: "pi", what: "greet" }]);
      const { grants } = await gpmd.revoke("pi", ["math.add", "greet"]);
      assertEquals(text(grants), ["pi math.*"]);
      assertEquals(told.at(-1), await gpmd.grants());
      await using late = await nodeOf(daemon, "node-2", () => Promise.resolve());
      assertEquals(late.first, await gpmd.grants());
      const log = Deno.readTextFileSync(`${daemon.settings.home}/gpmd.log`);
      assertStringIncludes(
        log,
        'info grants.added subject=pi what="math.* math#add greet" timeMs=5000 memoryBytes=67108864',
      );
      assertStringIncludes(log, 'info grants.removed subject=pi what="math.add greet"');
      await gpmd.revoke("pi", ["math.*"]);
    },
  );

  await t.step("a node that ignores a change is named, and delays nobody else", async () => {
    await using gpmd = await daemon.connect();
    await eventually("the end of the nodes before", async () => (await gpmd.nodes()).length === 0);
    const silent = Promise.withResolvers<void>();
    await using _deaf = await nodeOf(daemon, "deaf", () => silent.promise);
    await using _older = await nodeOf(
      daemon,
      "older",
      () => Promise.reject(new GhostError("UNKNOWN_OPERATION")),
    );
    let told = 0;
    await using _node = await nodeOf(daemon, "good", () => Promise.resolve(void told++));
    await using other = await daemon.connect();
    const took = await elapsed(async () => {
      const changes = await Promise.all([
        gpmd.grant("pi", ["a"]),
        other.grant("pi", ["b"]),
        gpmd.revoke("local", ["*"]),
      ]);
      for (const { unconfirmed } of changes) assertEquals(unconfirmed, ["deaf", "older"]);
    });
    assert(took >= 2000 && took < 8000, `${took} ms`);
    assertEquals(told, 3);
    assertEquals(text(await gpmd.grants()), ["local ship", "local modules", "pi a", "pi b"]);
    silent.resolve();
  });
});

Deno.test("grants survive a restart, and a kill at any instant loses no change that was acknowledged", async (test) => {
  using place = temporaryHome();
  const settings = { home: place.home, commandPort: 0, gmpPort: 0 };
  let expected = new Set(["local *", "local ship", "local modules"]);
  let changes = 0;
  let daemon = await startDaemon(settings);
  await using _last = { [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
  for (let kill = 0; kill < KILLS; kill++) {
    const [count, delay] = [1 + Math.floor(Math.random() * 20), Math.random() * 8];
    await test.step(`killed ${delay.toFixed(1)} ms after ${count} changes`, async () => {
      const gpmd = await daemon.connect();
      assertEquals(new Set(text(await gpmd.grants())), expected);
      // Either all of the change that was under way is there, or nothing.
      let begun = expected;
      const killed = Promise.withResolvers<void>();
      try {
        for (let i = 0;; i++, changes++) {
          if (i === count) setTimeout(() => (daemon.process.kill("SIGKILL"), killed.resolve()), delay);
          const subject = `node-${i % 3}@pi`;
          const have = [...expected].filter((one) => one.startsWith(subject)).map((one) =>
            one.split(" ")[1]!
          );
          begun = new Set(expected);
          if (have.length > 4) {
            for (const what of have) begun.delete(`${subject} ${what}`);
            await gpmd.revoke(subject, have);
          } else {
            const what = ["a", "b"].map((letter) => `m.${letter}${Math.floor(Math.random() * 100)}`);
            for (const one of what) begun.add(`${subject} ${one}`);
            await gpmd.grant(subject, what);
          }
          expected = begun;
        }
      } catch (error) {
        assertEquals((error as GhostError).code, "CONNECTION_LOST");
      }
      await killed.promise;
      await gpmd.close();
      await daemon[Symbol.asyncDispose]();
      daemon = await startDaemon(settings);
      await using after = await daemon.connect();
      const found = new Set(text(await after.grants()));
      if (found.size === begun.size && begun.isSubsetOf(found)) expected = begun;
      assertEquals(found, expected);
      const strays = Array.from(Deno.readDirSync(place.home), ({ name }) => name).filter((one) =>
        one.endsWith(".tmp")
      );
      assertEquals(strays, []);
    });
  }
  assert(changes > KILLS);
});
