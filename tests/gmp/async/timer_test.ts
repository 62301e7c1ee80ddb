import { assert, assertEquals } from "@std/assert";
import { Timer } from "../../../gmp/async/timer.ts";

Deno.test("timers of whatever duration fire in the order in which they are due, and those that are cancelled do not", async () => {
  const fired: string[] = [];
  const began = performance.now();
  const { promise, resolve } = Promise.withResolvers<number>();
  new Timer(40, () => fired.push("late"));
  new Timer(10, () => fired.push("early"));
  const cancelled = new Timer(10, () => fired.push("cancelled"));
  new Timer(10, () => fired.push("as early"));
  new Timer(80, () => resolve(performance.now() - began));
  cancelled.cancel();
  cancelled.cancel();
  const time = await promise;
  assertEquals(fired, ["early", "as early", "late"]);
  assert(time >= 79, `it fired after ${time} ms`);
});

Deno.test("a timer that is set while its kind fires, or after all were cancelled, fires in its time", async () => {
  const times: number[] = [];
  await new Promise<void>((resolve) => {
    const again = (left: number) => {
      const set = performance.now();
      new Timer(20, () => {
        times.push(performance.now() - set);
        if (left > 1) again(left - 1);
        else resolve();
      });
    };
    new Timer(20, () => {}).cancel();
    again(3);
  });
  assertEquals(times.length, 3);
  for (const time of times) assert(time >= 19, `it fired after ${time} ms`);
});

Deno.test("a timer that is set by one that fires keeps none waiting that were set before it", async () => {
  const began = performance.now();
  const time = await new Promise<number>((resolve) => {
    new Timer(400, () => void new Timer(400, () => {}));
    setTimeout(() => new Timer(400, () => resolve(performance.now() - began)), 100);
  });
  assert(time < 750, `it fired after ${time} ms`);
});

Deno.test("a process lives until its timers have fired or are cancelled, and no longer", async () => {
  const timer = import.meta.resolve("../../../gmp/async/timer.ts");
  const code = `import { Timer } from ${JSON.stringify(timer)};
    const forever = new Timer(2 ** 30, () => {});
    new Timer(2 ** 30, () => {}).cancel();
    new Timer(30, () => {
      forever.cancel();
      console.log("fired");
    });`;
  using file = await temporaryModule(code);
  const { code: exitCode, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--allow-read", file.path],
  }).output();
  assertEquals([exitCode, new TextDecoder().decode(stdout)], [0, "fired\n"]);
});

async function temporaryModule(code: string): Promise<{ path: string } & Disposable> {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(path, code);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}
