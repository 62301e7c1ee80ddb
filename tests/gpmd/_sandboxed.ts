/**
 * The daemon's files under the daemon's permissions: makes a store at the home it is given, works with it, then tries to
 * get at `outside`. Prints as JSON what happened.
 */
import { openHome } from "../../gpmd/store/home.ts";
import { ModuleStore } from "../../gpmd/store/module_store.ts";
import { ADD_MODULE, moduleOf, put, read } from "./_modules.ts";

/** What the parent reads. */
export interface Outcome {
  secretSize: number;
  unchanged: boolean[];
  stored: number;
  exports: string[];
  removed: string[];
  reopened: string[];
  /** The name of the error of each attempt to leave the store, `"none"` where there was none. */
  attempts: Record<string, string>;
}

async function attempt(action: () => unknown): Promise<string> {
  try {
    await action();
    return "none";
  } catch (error) {
    return (error as Error).name;
  }
}

if (import.meta.main) {
  const [home, outside] = Deno.args as [string, string];
  const secret = await openHome(home);
  const store = await ModuleStore.open(home);
  const unchanged = [];
  for (let i = 0; i < 2; i++) unchanged.push((await put(store, "math", "v1.0.0", ADD_MODULE)).unchanged);
  await put(store, "math", "v2.0.0", moduleOf(300_000));
  const stored = (await read(store, "math", "v1.0.0")).length;
  const { description } = await store.info("math", "v1.0.0");
  const removed = await store.remove("math", "v2.0.0");
  await store.close();
  const again = await ModuleStore.open(home);
  const outcome: Outcome = {
    secretSize: secret.length,
    unchanged,
    stored,
    exports: "exports" in description ? description.exports.map(({ name }) => name) : [],
    removed: removed.map(({ version }) => version),
    reopened: again.list().map(({ name, latest }) => `${name}@${latest}`),
    attempts: {
      read: await attempt(() => Deno.readTextFile(outside)),
      write: await attempt(() => Deno.writeTextFile(outside, "")),
      rename: await attempt(() => Deno.rename(`${home}/secret`, outside)),
      link: await attempt(() => Deno.link(outside, `${home}/link`)),
      symlink: await attempt(() => Deno.symlink(outside, `${home}/link`)),
      list: await attempt(() => Array.fromAsync(Deno.readDir(`${home}/..`))),
    },
  };
  await again.close();
  console.log(JSON.stringify(outcome));
}
