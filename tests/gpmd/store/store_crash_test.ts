import { assert, assertEquals } from "@std/assert";
import { openHome } from "../../../gpmd/store/home.ts";
import { ModuleStore } from "../../../gpmd/store/module_store.ts";
import type { Change, Report } from "../_churn.ts";
import { moduleOf, read, sha256, storedFiles, temporaryHome } from "../_modules.ts";

const KILLS = 5;
const CHURN = new URL("../_churn.ts", import.meta.url).pathname;

/** The content of each version by `lane@version`; a version that is not there has none. */
type Content = Map<string, Uint8Array<ArrayBuffer>>;

/** Runs the churning process and kills it `delay` milliseconds after as many `reports`; returns all of them. */
async function churnAndKill(home: string, reports: number, delay: number): Promise<Report[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", `--allow-read=${home}`, `--allow-write=${home}`, CHURN, home],
    stdout: "piped",
  }).spawn();
  let text = "";
  let killed: Promise<void> | undefined;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.split("\n").length <= reports) continue;
    killed ??= new Promise((resolve) =>
      setTimeout(() => {
        child.kill("SIGKILL");
        resolve();
      }, delay)
    );
  }
  await killed;
  assertEquals((await child.status).signal, "SIGKILL");
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function apply(content: Content, { lane, version, action, size, seed }: Change): void {
  if (action === "put") content.set(`${lane}@${version}`, moduleOf(size, seed));
  else content.delete(`${lane}@${version}`);
}

/** What the store has, each version checked against the hash that the index gives. */
async function contentOf(store: ModuleStore): Promise<Content> {
  const content: Content = new Map();
  for (const { name, versions } of store.list()) {
    for (const version of versions) {
      const bytes = await read(store, name, version);
      const { module, file } = store.get(name, version);
      file.close();
      assertEquals(await sha256(bytes), module.hash);
      content.set(`${name}@${version}`, bytes);
    }
  }
  return content;
}

Deno.test("a daemon killed at any instant loses nothing acknowledged and leaves no strays", async (test) => {
  using place = temporaryHome();
  await openHome(place.home);
  const expected: Content = new Map();
  let changes = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const reports = 1 + Math.floor(Math.random() * 30);
    const delay = Math.random() * 8; // as long as a change takes
    await test.step(`killed ${delay.toFixed(1)} ms after ${reports} reports`, async () => {
      const open = new Map<string, Change>(); // per lane, what was begun and not acknowledged
      for (const { state, change } of await churnAndKill(place.home, reports, delay)) {
        if (state === "begun") {
          open.set(change.lane, change);
        } else {
          open.delete(change.lane);
          apply(expected, change);
          changes++;
        }
      }
      await using store = await ModuleStore.open(place.home);
      const actual = await contentOf(store);
      // What was not acknowledged may have happened, as a whole, or not.
      for (const change of open.values()) {
        const key = `${change.lane}@${change.version}`;
        if (actual.has(key) === (change.action === "put")) apply(expected, change);
      }
      assertEquals([...actual.keys()].sort(), [...expected.keys()].sort());
      for (const [key, bytes] of actual) {
        assertEquals(await sha256(bytes), await sha256(expected.get(key)!), key);
      }
      assertEquals(storedFiles(place.home).filter((name) => name.endsWith(".wasm")).length, actual.size);
      assertEquals(storedFiles(place.home).filter((name) => name.endsWith(".tmp")), []);
    });
  }
  assert(changes > KILLS, "the process did too little for the test to mean anything");
});
