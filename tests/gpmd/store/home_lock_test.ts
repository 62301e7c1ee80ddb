import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { HomeLock } from "../../../gpmd/store/home_lock.ts";

const LOCK_MODULE = new URL("../../../gpmd/store/home_lock.ts", import.meta.url).href;

/** A home in a directory of its own, removed at the end. */
function existingHome(): { home: string } & Disposable {
  const home = Deno.makeTempDirSync({ prefix: "ghost-" });
  return { home, [Symbol.dispose]: () => Deno.removeSync(home, { recursive: true }) };
}

Deno.test("one at a time has the lock, and the others learn who", async () => {
  using place = existingHome();
  const lock = await HomeLock.take(place.home);
  assertEquals(Deno.readTextFileSync(`${place.home}/gpmd.pid`), `${Deno.pid}\n`);
  const error = await assertRejects(() => HomeLock.take(place.home), GhostError, `with pid ${Deno.pid}`);
  assertEquals([error.code, error.details], ["GPMD_ALREADY_RUNNING", { pid: Deno.pid }]);
  await lock.release();
  assertEquals([...Deno.readDirSync(place.home)], []);
  await (await HomeLock.take(place.home)).release();
});

Deno.test("a home that is not there is named", async () => {
  using place = existingHome();
  const home = `${place.home}/nowhere`;
  const error = await assertRejects(() => HomeLock.take(home), GhostError, `Cannot lock the store "${home}"`);
  assertEquals([error.code, error.details], ["STORE_FAULT", { reason: "ENOENT" }]);
});

Deno.test("of many that want the lock at once one gets it", async () => {
  using place = existingHome();
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => HomeLock.take(place.home)));
  const locks = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  assertEquals(locks.length, 1);
  await locks[0]!.release();
});

Deno.test("locks that come and go at once are never had twice", async () => {
  using place = existingHome();
  let [owners, most, taken] = [0, 0, 0];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let i = 0; i < 30; i++) {
      try {
        const lock = await HomeLock.take(place.home);
        most = Math.max(most, ++owners);
        taken++;
        await Deno.stat(place.home); // the others have their chance meanwhile
        owners--;
        await lock.release();
      } catch (error) {
        assertEquals((error as GhostError).code, "GPMD_ALREADY_RUNNING");
      }
    }
  }));
  assertEquals(most, 1);
  assertEquals(taken > 0, true);
});

Deno.test("the lock of a process that was killed is free, whatever the file says", async () => {
  using place = existingHome();
  const code = `import { HomeLock } from ${JSON.stringify(LOCK_MODULE)};
    globalThis.lock = await HomeLock.take(Deno.args[0]);
    setInterval(() => {}, 1000);
    console.log("taken");`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code, place.home],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  const error = await assertRejects(() => HomeLock.take(place.home), GhostError);
  assertEquals(error.details, { pid: child.pid });
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assertStringIncludes(Deno.readTextFileSync(`${place.home}/gpmd.pid`), `${child.pid}`);
  await (await HomeLock.take(place.home)).release();
});

Deno.test({
  name: "a symbolic link in the place of the lock is refused and what it points to left alone",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    using place = existingHome();
    Deno.writeTextFileSync(`${place.home}/precious`, "precious");
    Deno.symlinkSync(`${place.home}/precious`, `${place.home}/gpmd.pid`);
    await assertRejects(() => HomeLock.take(place.home), GhostError, "it is a symbolic link");
    assertEquals(Deno.readTextFileSync(`${place.home}/precious`), "precious");
  },
});
