/** Records a store at work, cuts the power at each of its operations, and checks what a store makes of the disk that is left. */
import { assertEquals } from "@std/assert";
import { openHome } from "../../gpmd/store/home.ts";
import { ModuleStore } from "../../gpmd/store/module_store.ts";
import { moduleOf, put, read, sha256, storedFiles } from "../gpmd/_modules.ts";
import { afterPowerCut, type Disk, type Fate } from "./_disk.ts";
import { type Operation, Recorder } from "./_recorder.ts";

/** Who changes the store at once. */
const LANES = ["a", "a-b", "c"];
/** Bytes of a module: enough for several writes of 64 KiB now and then. */
const SMALLEST = 64;
const LARGEST = 200_000;

/** How much is tried. */
interface PowerCutOptions {
  /** Uploads and removals that are recorded. */
  readonly changes: number;
  /** Disks with a random fate of each change, for each cut; those of a uniform fate come always. */
  readonly randomDisks: number;
}

/** What was tried; nothing was lost, for else there are no figures. */
interface PowerCutFigures {
  changes: number;
  /** Operations of the store, and so cuts. */
  operations: number;
  /** Different disks that a store was opened on. */
  disks: number;
}

interface Note {
  readonly state: "begun" | "done";
  readonly lane: string;
  readonly key: string;
  /** The hash that the version has afterwards; `null` when it is gone. */
  readonly hash: string | null;
}

/** Cuts the power after each operation. Throws at the first disk that is not as it must be. */
export async function cutPower({ changes, randomDisks }: PowerCutOptions): Promise<PowerCutFigures> {
  const operations = await record(changes);
  const seen = new Set<string>();
  for (let count = 0; count <= operations.length; count++) {
    for (const fate of [...UNIFORM, ...Array<(operation: Operation) => Fate>(randomDisks).fill(anyFate)]) {
      const disk = afterPowerCut(operations, count, fate);
      const known = await keyOf(disk, count);
      if (seen.has(known)) continue;
      seen.add(known);
      await check(disk, operations.slice(0, count)).catch((error) => {
        const last = JSON.stringify({ ...operations[count - 1], bytes: undefined });
        throw new Error(`after operation ${count} (${last}): ${[...disk.keys()]}`, { cause: error });
      });
    }
  }
  return { changes, operations: operations.filter(({ kind }) => kind !== "note").length, disks: seen.size };
}

const isOfBytes = ({ kind }: Operation) => kind === "write" || kind === "truncate";

/** The ways of disks that treat all changes alike, or names unlike bytes. */
const UNIFORM: ((operation: Operation) => Fate)[] = [
  () => "lost",
  () => "kept",
  (operation) => isOfBytes(operation) ? "kept" : "lost",
  (operation) => isOfBytes(operation) ? "lost" : "kept",
  (operation) => isOfBytes(operation) ? "half" : "kept",
  (operation) => isOfBytes(operation) ? "zeros" : "kept",
];

function anyFate(operation: Operation): Fate {
  const fates: Fate[] = isOfBytes(operation) ? ["lost", "kept", "half", "zeros"] : ["lost", "kept"];
  return fates[Math.floor(Math.random() * fates.length)]!;
}

/** What a store does that is opened on a new home and changed `changes` times, by several at once. */
async function record(changes: number): Promise<Operation[]> {
  const home = await Deno.makeTempDir({ prefix: "ghost-" });
  try {
    using recorder = new Recorder(home);
    await openHome(home);
    await using store = await ModuleStore.open(home);
    let left = changes;
    const here = new Map<string, string>();
    await Promise.all(LANES.map(async (lane) => {
      while (left-- > 0) {
        const version = `v${Math.floor(Math.random() * 2)}.0.0`;
        const key = `${lane}@${version}`;
        const size = Math.floor(SMALLEST * (LARGEST / SMALLEST) ** Math.random());
        const module = here.has(key) ? undefined : moduleOf(size, Math.floor(Math.random() * 256));
        const change = { lane, key, hash: module === undefined ? null : await sha256(module) };
        const note = (state: Note["state"]) => recorder.note(JSON.stringify({ ...change, state }));
        note("begun");
        if (module === undefined) await store.remove(lane, version);
        else await put(store, lane, version, module);
        note("done");
        if (change.hash === null) here.delete(key);
        else here.set(key, change.hash);
      }
    }));
    return recorder.operations.slice();
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Two disks of the same key need not be checked twice: the same files, and the same was acknowledged. */
async function keyOf(disk: Disk, count: number): Promise<string> {
  const files = await Promise.all(
    Array.from(disk, async ([path, bytes]) => `${path} ${bytes === null ? "" : await sha256(bytes)}`),
  );
  return `${count} ${files.sort()}`;
}

async function check(disk: Disk, before: readonly Operation[]): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "ghost-" });
  try {
    for (const [path, bytes] of disk) {
      if (bytes === null) Deno.mkdirSync(`${home}/${path}`, { mode: 0o700 });
      else Deno.writeFileSync(`${home}/${path}`, bytes, { mode: 0o600 });
    }
    await openHome(home);
    await using store = await ModuleStore.open(home);
    const { acknowledged, open } = stateOf(before);
    const actual = await hashesOf(store);
    // What was not acknowledged may have happened, as a whole, or not.
    for (const { key, hash } of open) {
      if (actual.has(key) !== (hash !== null)) continue;
      if (hash === null) acknowledged.delete(key);
      else acknowledged.set(key, hash);
    }
    assertEquals(actual, acknowledged);
    const files = storedFiles(home).filter((name) => name !== "ghost.modules.json");
    assertEquals(files.length, actual.size, `strays: ${files}`);
    assertEquals(files.filter((name) => name.endsWith(".tmp")), []);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** The hash of each version that must be there, and the changes that were under way. */
function stateOf(operations: readonly Operation[]): { acknowledged: Map<string, string>; open: Note[] } {
  const acknowledged = new Map<string, string>();
  const open = new Map<string, Note>();
  for (const operation of operations) {
    if (operation.kind !== "note") continue;
    const note = JSON.parse(operation.text) as Note;
    if (note.state === "begun") {
      open.set(note.lane, note);
      continue;
    }
    open.delete(note.lane);
    if (note.hash === null) acknowledged.delete(note.key);
    else acknowledged.set(note.key, note.hash);
  }
  return { acknowledged, open: [...open.values()] };
}

/** The hash of what is stored of each version, which is also the one that the index has. */
async function hashesOf(store: ModuleStore): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { name, versions } of store.list()) {
    for (const version of versions) {
      const { module, file } = store.get(name, version);
      file.close();
      const hash = await sha256(await read(store, name, version));
      assertEquals(hash, module.hash, `${name}@${version} is not whole`);
      hashes.set(`${name}@${version}`, hash);
    }
  }
  return hashes;
}
