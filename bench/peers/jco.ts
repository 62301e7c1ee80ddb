import { AgentProcess } from "../agent_process.ts";
import type { Arena } from "../arena.ts";
import { inNpm } from "./programs.ts";

/** What brings jco. */
export const JCO = "npm:@bytecodealliance/jco-transpile@0.15.0/component";

/** A process with the engine for components. */
export function startComponents(arena: Arena): Promise<AgentProcess> {
  return arena.once("components", () => Promise.resolve(arena.use(AgentProcess.deno("components"))));
}

/** A process with jco; `undefined` where npm does not have it. */
export function startJco(arena: Arena): Promise<AgentProcess | undefined> {
  return arena.once("jco", async () => {
    if (!await inNpm(JCO)) return undefined;
    return arena.use(AgentProcess.deno("jco", { alone: true, args: [JCO, arena.directory] }));
  });
}
