// A process that may run `deno` and finds none on its PATH asks for an executor, twice; it prints the errors.
import { ExecutorPool } from "../../../gvm/executors/executor_pool.ts";
import { localSession } from "../../../gvm/calls/local_session.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { TestModules } from "../harness.ts";

const pool = new ExecutorPool({ size: 1, limits: DEFAULT_LIMITS, modules: new TestModules() });
const session = localSession(pool, { role: "command" });
for (let attempt = 0; attempt < 2; attempt++) {
  const error = await session.connect().then(() => undefined, (error) => error);
  console.log(`${error?.code} ${error?.message.replaceAll("\n", " ")}`);
}
await pool.close();
