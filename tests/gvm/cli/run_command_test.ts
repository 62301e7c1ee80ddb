import { assertEquals, assertMatch } from "@std/assert";
import { eventually, runCommand } from "../../tools/commands.ts";

/** Processes of executors that were started with a time limit of `time`, which nothing else uses. */
function executorsWith(time: number): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(`{"time":${time},`)) count++;
    } catch {
      // It ended while we looked.
    }
  }
  return count;
}

Deno.test({
  name: "the executor that gvm run starts ahead ends with the command, also when nobody needed it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const home = await Deno.makeTempDir();
    const time = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
    const { code, stderr } = await runCommand("gvm", ["run", `--timeout=${time}`, "math.add(1,2)"], {
      env: { GHOST_HOME: home },
    });
    assertEquals(code, 1);
    assertMatch(stderr, /^GPMD_NOT_RUNNING: /);
    await eventually("the executor has ended", () => executorsWith(time) === 0);
    await Deno.remove(home, { recursive: true });
  },
});

Deno.test("a limit that is none is refused as ever", async () => {
  const { code, stderr } = await runCommand("gvm", ["run", "--timeout=9999999999", "math.add(1,2)"], {
    env: { GHOST_HOME: "/nonexistent" },
  });
  assertEquals(code, 2);
  assertMatch(
    stderr,
    /^gvm: --timeout takes at most 24d20h31m23s647ms, not 9999999999\nTry: gvm run --help/,
  );
});
