import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { inNpm } from "./programs.ts";

/** What brings Extism. */
export const EXTISM = "npm:@extism/extism@1";

/** A process in which V8 runs modules by itself. */
export function startEngine(arena: Arena): Promise<AgentProcess> {
  return arena.once("engine", () => Promise.resolve(arena.use(AgentProcess.deno("engine", { alone: true }))));
}

/** A process with Extism; `undefined` where npm does not have it. */
export function startExtism(arena: Arena): Promise<AgentProcess | undefined> {
  return arena.once("extism", async () => {
    if (!await inNpm(EXTISM)) return undefined;
    return arena.use(AgentProcess.deno("engine", { alone: true, args: [EXTISM] }));
  });
}
