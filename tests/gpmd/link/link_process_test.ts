// The link's processes: started by a command, started again when they die, and never left behind. What one daemon outlives
// happens to one, link after link; where it is killed, each test has its own.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { linkKey } from "../../../gmp/handshake/keys.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { signalProcess } from "../../gvm/harness.ts";
import { eventually } from "../../tools/commands.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import {
  gone,
  keeperOf,
  linksOf,
  listensBeyondLoopback,
  nextLink,
  noLinks,
  noneLeft,
  startLink,
} from "./_processes.ts";

interface Started {
  readonly daemon: TestDaemon;
  readonly link: number;
  readonly keeper: number;
}

/** Runs `test` with a daemon whose link runs, and checks that nothing is left of them. */
async function withLink(test: (started: Started) => Promise<void>): Promise<void> {
  const daemon = await startDaemon();
  const { home } = daemon.settings;
  try {
    await startLink(daemon.settings);
    const link = await nextLink(home);
    await test({ daemon, link, keeper: keeperOf(link) });
  } finally {
    await daemon[Symbol.asyncDispose]();
    await noneLeft(home);
  }
}

const kill = (pid: number) => signalProcess(pid, "SIGKILL");

/** Resolves when GPMD has a link that answers. */
async function linked(daemon: TestDaemon): Promise<void> {
  await using gpmd = await daemon.connect();
  await eventually("a link that answers", () => gpmd.devices().then(() => true, () => false));
}

Deno.test("a daemon's links", async (t) => {
  await withLink(async ({ daemon, link, keeper }) => {
    const { home } = daemon.settings;

    await t.step(
      "a link that is neither paired nor invites does not listen; with an invitation it does, where it may",
      async () => {
        const listening = () => Deno.readTextFileSync(`/proc/${link}/net/tcp`);
        await using gpmd = await daemon.connect();
        assertEquals(listensBeyondLoopback(link), []);
        const { addresses } = await gpmd.invite({ lifetime: 60_000 });
        const port = Number(addresses[0]!.split(":")[1]);
        assert(listening().includes(`0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`));
        assertEquals(listensBeyondLoopback(link), []);
      },
    );

    await t.step(
      "a link's secrets are not in its command line or environment, and its files are its owner's alone",
      async () => {
        await using gpmd = await daemon.connect();
        const { code } = await gpmd.invite({ lifetime: 60_000 });
        const secrets = [daemon.secret, await linkKey(daemon.secret), Deno.readFileSync(`${home}/link/key`)];
        const hidden = [
          ...secrets.flatMap((bytes) => [bytes.toHex(), bytes.toBase64()]),
          code,
          code.split("-")[2]!,
        ];
        for (const pid of [link, keeper, daemon.pid]) {
          const shown = ["cmdline", "environ"].map((file) => Deno.readTextFileSync(`/proc/${pid}/${file}`))
            .join();
          for (const secret of hidden) assert(!shown.includes(secret), `${pid}`);
        }
        const log = Deno.readTextFileSync(`${home}/gpmd.log`);
        for (const secret of hidden) assert(!log.includes(secret));
        assertEquals(Deno.lstatSync(`${home}/link`).mode! & 0o777, 0o700);
        for (const { name } of Deno.readDirSync(`${home}/link`)) {
          assertEquals(Deno.lstatSync(`${home}/link/${name}`).mode! & 0o077, 0, name);
        }
      },
    );

    await t.step("a link that is killed is started again, again and again", async () => {
      for (let i = 0; i < 2; i++) {
        kill(link);
        link = await nextLink(home, link);
        await linked(daemon);
      }
      assertEquals(keeperOf(link), keeper);
    });

    await t.step("a second link takes the place of the first, which ends with its keeper", async () => {
      // It may listen in networks beyond loopback, and does not as long as it is neither paired nor invites.
      await startLink(daemon.settings, "10.0.0.0/8", "127.0.0.0/8");
      await gone(link, keeper);
      await linked(daemon);
      assertEquals(linksOf(home).length, 1);
      link = await nextLink(home);
      keeper = keeperOf(link);
      assertEquals(listensBeyondLoopback(link), []);
    });

    await t.step(
      "a link is gone within a second of its keeper's SIGKILL, and both can be started anew",
      async () => {
        kill(keeper);
        assert(await gone(keeper, link) < 1000);
        await startLink(daemon.settings);
        await linked(daemon);
        link = await nextLink(home, link);
        keeper = keeperOf(link);
      },
    );

    await t.step(
      "two links that are paired open lanes to each other, with the permissions that they have",
      async () => {
        const other = await startDaemon();
        try {
          await startLink(other.settings);
          await using laptop = await daemon.connect();
          await using pi = await other.connect();
          const { code } = await laptop.invite({ lifetime: 60_000 });
          await pi.join(code, { name: "laptop", as: "pi" });
          for (const gpmd of [laptop, pi]) {
            await eventually("a lane", async () => (await gpmd.devices())[0]?.way === "lane");
          }
          await laptop.invite({ lifetime: 60_000 }); // without it, a link to which nobody is paired would end by itself
          await laptop.removeDevice("pi");
        } finally {
          await other[Symbol.asyncDispose]();
          await noLinks(other.settings.home);
        }
      },
    );

    await t.step(
      "a link serves GPMD until that stops, and is gone with its keeper within a second",
      async () => {
        await using gpmd = await daemon.connect();
        assertEquals(await gpmd.devices(), []);
        await gpmd.kill();
        assert(await gone(link, keeper) < 1000);
      },
    );
  });
});

Deno.test("both are gone within a second of the daemon's SIGKILL", async () => {
  await withLink(async ({ daemon, link, keeper }) => {
    kill(daemon.pid);
    assert(await gone(link, keeper) < 1000);
  });
});

const ORDERS = ["daemon keeper link", "daemon link keeper", "keeper daemon link"]
  .concat("keeper link daemon", "link daemon keeper", "link keeper daemon");
for (const order of ORDERS) {
  Deno.test(`nothing is left when they are killed one right after the other: ${order}`, async () => {
    await withLink(async ({ daemon, link, keeper }) => {
      const pids: Record<string, number> = { daemon: daemon.pid, link, keeper };
      for (const name of order.split(" ")) kill(pids[name]!);
      await gone(daemon.pid, link, keeper);
      await noneLeft(daemon.settings.home); // what the keeper has just started ends by itself
    });
  });
}

Deno.test("a link whose directory is open to others cannot start, and says why; neither it nor a keeper is left", async () => {
  await using daemon = await startDaemon();
  const { home } = daemon.settings;
  await Deno.mkdir(`${home}/link`, { mode: 0o755 });
  await Deno.chmod(`${home}/link`, 0o755);
  const error = await assertRejects(() => startLink(daemon.settings), GhostError);
  assertEquals(error.code, "STORE_FAULT");
  assert(error.message.includes(`chmod 700 "${home}/link"`), error.message);
  await noneLeft(home);
});

Deno.test("a link without a GPMD cannot start", async () => {
  const daemon = await startDaemon();
  const { settings } = daemon;
  await using gpmd = await daemon.connect();
  const kept = await Deno.makeTempDir();
  await Deno.copyFile(`${settings.home}/secret`, `${kept}/secret`);
  await gpmd.kill();
  await daemon[Symbol.asyncDispose]();
  await Deno.chmod(`${kept}/secret`, 0o600);
  try {
    const error = await assertRejects(
      () => startLink({ ...settings, home: kept }),
      GhostError,
    );
    assertEquals(error.code, "GPMD_NOT_RUNNING");
    await noneLeft(kept);
  } finally {
    await Deno.remove(kept, { recursive: true });
  }
});
