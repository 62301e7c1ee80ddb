/** Starts an executor and a daemon and says, as JSON, which variables each was started with. */
import { Harness } from "../gvm/harness.ts";
import { startDaemon } from "../tools/daemon_process.ts";

/** The names of the variables that a process was started with. */
function variablesOf(pid: number): string[] {
  const entries = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  return entries.filter((entry) => entry !== "").map((entry) => entry.split("=")[0]!).sort();
}

await using harness = new Harness({ size: 1 });
await harness.caller();
await using daemon = await startDaemon();
const [executor] = harness.executors.filter((pid) => pid !== daemon.pid);
console.log(JSON.stringify({ executor: variablesOf(executor!), daemon: variablesOf(daemon.pid) }));
