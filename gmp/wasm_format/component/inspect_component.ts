import { readComponentInSteps } from "./component_reader.ts";
import type { ComponentDescription } from "./component_description.ts";
import { validateInSteps } from "./component_validator.ts";
import { type ComponentWorld, worldOf } from "./component_world.ts";
import type { ComponentNode } from "./resolved_types.ts";
import { inTurns, type Steps } from "../_turns.ts";
import type { ByteRange } from "../module_description.ts";

/** What is known of a component that was read and validated. */
export interface InspectedComponent {
  /** Its type. */
  readonly type: ComponentNode;
  /** What it imports and exports. */
  readonly world: ComponentWorld;
  /** Its core modules, those of nested components too: the engine must validate them. */
  readonly coreModules: readonly ByteRange[];
}

/**
 * Reads and validates a component, except its function bodies; the event loop runs every few milliseconds.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and at which byte.
 */
export async function inspectComponent(bytes: Uint8Array): Promise<InspectedComponent> {
  return await inTurns(inspect(bytes));
}

function* inspect(bytes: Uint8Array): Steps<InspectedComponent> {
  const description = yield* readComponentInSteps(bytes);
  const type = yield* validateInSteps(bytes, description);
  return { type, world: worldOf(type), coreModules: coreModulesOf(description) };
}

function coreModulesOf({ definitions }: ComponentDescription): ByteRange[] {
  return definitions.flatMap((one) =>
    one.kind === "core module" ? [one.range] : one.kind === "component" ? coreModulesOf(one.component) : []
  );
}
