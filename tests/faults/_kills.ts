/**
 * Kills real daemons (`kill -9`) at random instants while versions of modules are uploaded and removed over the wire, and
 * checks what the next daemon on that home has.
 */
import { assertEquals } from "@std/assert";
import type { GpmdClient } from "../../gpmd/client/client.ts";
import { daemonCommand } from "../../gpmd/daemon/daemon_command.ts";
import { moduleOf, sha256, storedFiles, temporaryHome } from "../gpmd/_modules.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";

/** Clients that change the store at once, each its own module. */
const LANES = ["a", "a-b", "c"];
/** Versions of each module. */
const VERSIONS = 3;
const SMALLEST = 1024;
/** Milliseconds within which a daemon starts. */
const START_TIME = 80;

/** How daemons are killed. */
interface KillOptions {
  /** How many of them. */
  readonly kills: number;
  /** Bytes of the largest module; sizes are drawn so that each order of magnitude is as likely as another. */
  readonly largest: number;
  /** Milliseconds after its first change in which a daemon is killed; instants are drawn evenly. */
  readonly longest: number;
  /** Hears of each kill. */
  readonly progress?: (kill: number) => void;
}

/** What was done and what came of it. Nothing was lost, for else there are no figures. */
interface KillFigures {
  kills: number;
  /** Acknowledged. */
  uploads: number;
  /** Acknowledged. */
  removals: number;
  /** Changes that were under way when their daemon was killed. */
  interrupted: number;
  /** Of those, changes that the next daemon had, whole. */
  happened: number;
  /** Acknowledged, in all uploads together. */
  bytes: number;
}

interface Change {
  readonly key: string;
  /** The hash that the version has after it; `undefined` when it is gone. */
  readonly hash: string | undefined;
}

/** The hash of each version that must be there, by `name@version`. */
type Expected = Map<string, string>;

/** Kills daemons. Throws at the first that lost something or left a stray. */
export async function killDaemons({ kills, largest, longest, progress }: KillOptions): Promise<KillFigures> {
  const figures: KillFigures = { kills: 0, uploads: 0, removals: 0, interrupted: 0, happened: 0, bytes: 0 };
  const expected: Expected = new Map();
  let interrupted: Change[] = [];
  using place = temporaryHome();
  for (;;) {
    await using daemon = await startDaemon({ home: place.home, commandPort: 0, gmpPort: 0 });
    figures.interrupted += interrupted.length;
    figures.happened += await check(daemon, expected, interrupted);
    if (figures.kills === kills) return figures;
    const changed = Promise.withResolvers<void>();
    const churning = LANES.map((lane) => churn(daemon, lane, largest, expected, figures, changed.resolve));
    await Promise.race([changed.promise, ...churning]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
    daemon.process.kill("SIGKILL");
    interrupted = (await Promise.all(churning)).filter((change) => change !== undefined);
    assertEquals((await daemon.process.status).signal, "SIGKILL", "the daemon ended before it was killed");
    figures.kills++;
    progress?.(figures.kills);
  }
}

/** Changes the store until the daemon is gone; returns the change that was under way. */
async function churn(
  daemon: TestDaemon,
  lane: string,
  largest: number,
  expected: Expected,
  figures: KillFigures,
  changed: () => void,
): Promise<Change | undefined> {
  let client: GpmdClient;
  try {
    client = await daemon.connect();
  } catch {
    return undefined;
  }
  for (;;) {
    const version = `v${Math.floor(Math.random() * VERSIONS)}.0.0`;
    const key = `${lane}@${version}`;
    let change: Change = { key, hash: undefined };
    try {
      if (expected.has(key)) {
        await client.remove(lane, version);
        expected.delete(key);
        figures.removals++;
      } else {
        const size = Math.floor(SMALLEST * (largest / SMALLEST) ** Math.random());
        const module = moduleOf(size, Math.floor(Math.random() * 256));
        const hash = await sha256(module);
        change = { key, hash };
        assertEquals((await client.upload({ name: lane, version, module })).hash, hash);
        expected.set(key, hash);
        figures.uploads++;
        figures.bytes += size;
      }
      changed();
    } catch (error) {
      await client.close();
      if ((error as { code?: string }).code !== "CONNECTION_LOST") throw error;
      return change;
    }
  }
}

/** Compares daemon, index and files with what was acknowledged; returns how many of the interrupted changes happened. */
async function check(
  daemon: TestDaemon,
  expected: Expected,
  interrupted: readonly Change[],
): Promise<number> {
  const { home } = daemon.settings;
  await using client = await daemon.connect();
  const listed = new Set(
    (await client.list()).flatMap(({ name, versions }) => versions.map((one) => `${name}@${one}`)),
  );
  let happened = 0;
  for (const { key, hash } of interrupted) {
    if (listed.has(key) !== (hash !== undefined)) continue;
    // As a whole: its hash is compared with all others.
    happened++;
    if (hash === undefined) expected.delete(key);
    else expected.set(key, hash);
  }
  assertEquals([...listed].sort(), [...expected.keys()].sort());
  const index = JSON.parse(await readIndex(home)) as {
    modules: Record<string, { versions: Record<string, Version> }>;
  };
  const versions = Object.entries(index.modules).flatMap(([name, { versions }]) =>
    Object.values(versions).map((one) => ({ key: `${name}@${one.version}`, ...one }))
  );
  for (const { key, file, hash } of versions) {
    assertEquals(hash, expected.get(key), key);
    assertEquals(await sha256(await Deno.readFile(`${home}/modules/${file}`)), hash, key);
  }
  const strays = storedFiles(home).filter((name) => name !== "ghost.modules.json");
  assertEquals(strays, versions.map(({ file }) => file).sort());
  const others = Array.from(Deno.readDirSync(home), ({ name }) => name).sort();
  assertEquals(others, ["fetched", "gpmd.log", "gpmd.pid", "modules", "ports.json", "secret"]);
  return happened;
}

interface Version {
  readonly version: string;
  readonly file: string;
  readonly hash: string;
}

async function readIndex(home: string): Promise<string> {
  try {
    return await Deno.readTextFile(`${home}/modules/ghost.modules.json`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return JSON.stringify({ modules: {} }); // nothing was ever published
    throw error;
  }
}

/** Kills `kills` daemons while they start, each on a home that does not exist yet; the next one must be able to use it. */
export async function killStartingDaemons(kills: number): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    using place = temporaryHome();
    const settings = { home: place.home, commandPort: 0, gmpPort: 0 };
    const { program, args } = daemonCommand({ ...settings, attached: true, echo: false });
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * START_TIME));
    child.kill("SIGKILL");
    await Promise.all([child.status, child.stdin.close().catch(() => {})]);
    await using daemon = await startDaemon(settings);
    await check(daemon, new Map(), []);
  }
}
