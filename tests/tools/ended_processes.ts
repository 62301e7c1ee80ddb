/** The processes that this one has started and not heard the end of: those of the product are not all given to its caller. */
import { eventually } from "./commands.ts";
import { isRunning } from "../gvm/harness.ts";

const started = new Set<Deno.ChildProcess>();

const spawn = Deno.Command.prototype.spawn;
Deno.Command.prototype.spawn = function () {
  const child = spawn.call(this);
  started.add(child);
  child.status.finally(() => started.delete(child));
  return child;
};

/**
 * Resolves when `pids` have ended and Deno has heard it, and of every other process that has. The kernel says so earlier than
 * Deno hears it: a test that ends between the two has leaked a process.
 */
export async function ended(...pids: number[]): Promise<void> {
  await eventually(`the end of ${pids}`, () => !pids.some(isRunning));
  const children = [...started].filter(({ pid }) => !isRunning(pid));
  for (const child of children) child.ref();
  await Promise.all(children.map(({ status }) => status));
}
