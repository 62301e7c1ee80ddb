import { assertEquals } from "@std/assert";
import { dropSpare, hasSpare, takeSpare } from "../../../gmp/device/spare_process.ts";
import { startEarlyExecutor } from "../../../gvm/cli/early_executor.ts";
import { usualLimits } from "../../../gvm/cli/usual_limits.ts";
import { checkLimits } from "../../../gvm/engine/execution_limits.ts";
import { spawnExecutor } from "../../../gvm/executors/executor_spawn.ts";
import { childrenOf } from "../harness.ts";

/** What a spare executor for `limits` is kept as. */
function keyOf(limits: Parameters<typeof checkLimits>[0]): string {
  return JSON.stringify([checkLimits(limits), undefined]);
}

Deno.test("gvm run starts the executor early that its line needs", async () => {
  const cases: [words: string[], kind: "call" | "run", json: boolean][] = [
    [["math.add(1,2)"], "call", false],
    [[" math@v1.0.0.add (1)"], "call", false],
    [["--quiet", "math.add(1,2)", "--raw"], "call", false],
    [["--json", "math"], "run", true],
    [["math"], "run", false],
    [["math@v1.0.0(a, b)"], "run", false],
  ];
  for (const [words, kind, json] of cases) {
    startEarlyExecutor(["run", ...words]);
    const limits = usualLimits(kind, json);
    assertEquals(hasSpare(keyOf(limits)), true, `${words}`);
    // It is what the pool takes.
    const child = spawnExecutor({ limits: checkLimits(limits) });
    assertEquals(childrenOf(Deno.pid), [child.pid], `${words}`);
    await child.stdin.close();
    await child.stderr.cancel();
    await child.status;
  }
});

Deno.test("nothing is started early for other commands, options or lines", () => {
  const others = [
    [],
    ["exec", "math.wasm"],
    ["run"],
    ["run", "--help"],
    ["run", "--timeout", "5", "math.add(1,2)"],
    ["run", "--timeout=5", "math.add(1,2)"],
    ["run", "--on", "node-1", "math.add(1,2)"],
    ["run", "math.add(1,2)", "more"],
    ["run", "Node.list()"],
    ["run", ".load x"],
    ["run", '"odd name"()'],
  ];
  try {
    for (const args of others) {
      startEarlyExecutor(args);
      assertEquals(childrenOf(Deno.pid), [], `${args}`);
    }
  } finally {
    dropSpare();
  }
});

Deno.test({
  name: "a spare process of another kind is ended when the right one is kept",
  sanitizeResources: false, // nobody reads what is ended
  fn: replaced,
});

async function replaced(): Promise<void> {
  startEarlyExecutor(["run", "math.add(1,2)"]);
  const wrong = takeSpare(keyOf({}))!;
  assertEquals(takeSpare(keyOf({})), undefined);
  await wrong.stdin.close();
  await wrong.stderr.cancel();
  await wrong.status;
  startEarlyExecutor(["run", "math.add(1,2)"]);
  startEarlyExecutor(["run", "math"]);
  assertEquals([hasSpare(keyOf({})), hasSpare(keyOf(usualLimits("run", false)))], [false, true]);
  const right = takeSpare(keyOf(usualLimits("run", false)))!;
  await right.stdin.close();
  await right.stderr.cancel();
  await right.status;
}
