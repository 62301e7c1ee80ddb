/** Runs with `--expose-gc`: prints whether functions with imports used memory, and how much is used when the program has forgotten them. */
import { checkLimits } from "../../../gvm/engine/execution_limits.ts";
import { InlineModules } from "../../../gvm/node/inline_modules.ts";
import { TestModules } from "../harness.ts";

const modules = new InlineModules(new TestModules(), checkLimits());
const gc = (globalThis as unknown as { gc: () => void }).gc;
const wanted = { module: "counter", function: "next" };

async function use(): Promise<void> {
  const next = await modules.function(wanted, { imports: {} });
  if (next() !== 1) throw new Error("the instance is not a new one");
}

for (let i = 0; i < 3; i++) await use();
const used = modules.memory.bytes;
for (let round = 0; modules.memory.bytes > 0 && round < 1000; round++) {
  gc();
  await new Promise((resolve) => setTimeout(resolve, 1)); // the registry's turn
}
console.log(used > 0, modules.memory.bytes);
