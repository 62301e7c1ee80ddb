/** A store that others may open, or that leads elsewhere: the daemon does not start on it, and nothing is touched. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname } from "@std/path/dirname";
import { GpmdClient } from "../../gpmd/client/client.ts";
import { History } from "../../gvm/repl/terminal/history.ts";
import { assertFails } from "../gmp/_wire.ts";
import { temporaryHome } from "../gpmd/_modules.ts";
import { startDaemon } from "../tools/daemon_process.ts";
import { exampleModule } from "./_network.ts";

/** A store with a module and a history, whose daemon has stopped. */
async function usedStore(): Promise<{ home: string; outside: string } & Disposable> {
  const place = temporaryHome();
  const { home } = place;
  await using daemon = await startDaemon({ home, commandPort: 0, gmpPort: 0 });
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "math", version: "v1.0.0", module: exampleModule("math") });
  const history = History.open(home);
  history.add("math.add(1,2)");
  history.close();
  return { home, outside: `${dirname(home)}/outside`, [Symbol.dispose]: () => place[Symbol.dispose]() };
}

function start(home: string) {
  return startDaemon({ home, commandPort: 0, gmpPort: 0 });
}

Deno.test("a store that others may open is refused with the chmod that helps, by the daemon and by who talks to it", async () => {
  using store = await usedStore();
  const { home } = store;
  for (
    const [path, mode] of [[home, 0o755], [home, 0o710], [`${home}/secret`, 0o644], [
      `${home}/secret`,
      0o620,
    ]] as const
  ) {
    Deno.chmodSync(path, mode);
    const { message } = await assertFails(start(home), "STORE_FAULT");
    const help = /(chmod [67]00) "(.*)"$/.exec(message);
    assert(help !== null, message);
    if (path !== home) {
      const told = await assertFails(GpmdClient.connect({ home, commandPort: 1 }), "STORE_FAULT");
      assertMatch(told.message, /chmod 600 "/);
    }
    const { code } = await new Deno.Command("sh", { args: ["-c", `${help[1]} "${help[2]}"`] }).output();
    assertEquals(code, 0);
    await using _ = await start(home);
  }
});

const LINKED = ["", "/secret", "/gpmd.pid", "/gpmd.log", "/modules", "/modules/ghost.modules.json"];

Deno.test("a symbolic link in the place of the store or of a file of it is refused, and where it leads nothing changes", async () => {
  using store = await usedStore();
  // A daemon that stops removes the file with its id.
  Deno.writeTextFileSync(`${store.home}/gpmd.pid`, "1\n", { mode: 0o600 });
  const away = `${store.outside}-away`;
  for (const name of LINKED) {
    const path = `${store.home}${name}`;
    Deno.renameSync(path, store.outside);
    Deno.symlinkSync(store.outside, path);
    const before = contentsOf(store.outside);
    const { message } = await assertFails(start(store.home), "STORE_FAULT");
    assert(message.includes(path), message);
    assertEquals(contentsOf(store.outside), before);
    // Also where it leads to what is not there: nothing is made.
    Deno.renameSync(store.outside, away);
    await assertFails(start(store.home), "STORE_FAULT");
    assertEquals(statIfThere(store.outside), undefined);
    Deno.removeSync(path);
    Deno.renameSync(away, path);
  }
  await using _ = await start(store.home);
});

Deno.test("a symbolic link in the place of a module's file is not followed", async () => {
  using store = await usedStore();
  const path = `${store.home}/modules/math-v1.0.0.wasm`;
  Deno.renameSync(path, store.outside);
  Deno.symlinkSync(store.outside, path);
  await using daemon = await start(store.home);
  await using gpmd = await daemon.connect();
  await assertFails(gpmd.info("math"), "STORE_FAULT");
  await gpmd.remove("math");
  assertEquals(Deno.readFileSync(store.outside), exampleModule("math"));
});

Deno.test("a symbolic link in the place of the history is not followed", async () => {
  using store = await usedStore();
  const path = `${store.home}/history`;
  Deno.renameSync(path, store.outside);
  Deno.symlinkSync(store.outside, path);
  const add = () => {
    const history = History.open(store.home);
    assertEquals(history.lines, []);
    history.add("math.add(3,4)");
    history.close();
  };
  add();
  assertEquals(Deno.readTextFileSync(store.outside), "math.add(1,2)\n");
  Deno.removeSync(store.outside);
  add();
  assertEquals(statIfThere(store.outside), undefined);
});

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** All that is at `path`: a file's contents, or those of all files below a directory, by their path. */
function contentsOf(path: string): Record<string, string> {
  if (!Deno.statSync(path).isDirectory) return { [path]: Deno.readTextFileSync(path) };
  const parts = [...Deno.readDirSync(path)].map(({ name }) => contentsOf(`${path}/${name}`));
  return Object.assign({}, ...parts);
}
