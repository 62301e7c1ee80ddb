/**
 * A process to be killed: it uploads and removes versions in the store at the home it is given, in three lanes at once, and
 * says on standard output what it begins and, as JSON lines, what has been acknowledged.
 */
import { ModuleStore } from "../../gpmd/store/module_store.ts";
import { moduleOf, put } from "./_modules.ts";

/** A change: to the module `lane`, whose `version` gets or loses `moduleOf(size, seed)`. */
export interface Change {
  lane: string;
  version: string;
  action: "put" | "remove";
  size: number;
  seed: number;
}

/** One line of the output. */
export interface Report {
  state: "begun" | "done";
  change: Change;
}

function report(line: Report): void {
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(line) + "\n"));
}

async function churn(store: ModuleStore, lane: string): Promise<never> {
  const here = new Map(
    store.list().filter(({ name }) => name === lane).flatMap(({ versions }) =>
      versions.map((one) => [one, true])
    ),
  );
  for (;;) {
    const version = `v${Math.floor(Math.random() * 4)}.0.0`;
    const size = Math.floor(2 ** (10 + Math.random() * 10));
    const change: Change = {
      lane,
      version,
      action: here.get(version) ? "remove" : "put",
      size,
      seed: Math.floor(Math.random() * 256),
    };
    report({ state: "begun", change });
    if (change.action === "put") await put(store, lane, version, moduleOf(size, change.seed));
    else await store.remove(lane, version);
    here.set(version, change.action === "put");
    report({ state: "done", change });
  }
}

if (import.meta.main) {
  const store = await ModuleStore.open(Deno.args[0]!);
  await Promise.all(["a", "a-b", "c"].map((lane) => churn(store, lane)));
}
