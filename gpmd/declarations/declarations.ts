import { GhostError } from "../../gmp/errors.ts";
import { MAX_DECLARATIONS } from "../../gmp/messages/module.ts";
import type { InspectedComponent } from "../../gmp/wasm_format/component/inspect_component.ts";
import type { ModuleDescription } from "../../gmp/wasm_format/module_description.ts";
import { componentDeclarations } from "./component_declarations.ts";
import { coreDeclarations } from "./core_declarations.ts";

/** A published module. */
interface Published {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
}

/**
 * A `.d.ts` file of the functions that a module exports: an interface for each interface of a component, its resources and
 * records, or one of all functions of a core module.
 *
 * @throws {GhostError} `PAYLOAD_TOO_LARGE` for more than {@linkcode MAX_DECLARATIONS} characters.
 */
export function declarationsOf(
  description: ModuleDescription | InspectedComponent,
  { name, version, hash }: Published,
): string {
  const types = "world" in description
    ? componentDeclarations(description.type, name)
    : coreDeclarations(description, name);
  const text = [
    `// Types of ${name}@${version}, SHA-256 ${hash}, written by gpmd wasm types.`,
    ...types.includes(" extends Resource {") ? ['import type { Resource } from "@ghost/network";'] : [],
    "",
    types,
  ].join("\n");
  if (text.length <= MAX_DECLARATIONS) return text;
  throw new GhostError(
    "PAYLOAD_TOO_LARGE",
    `Cannot write the types of ${name}@${version}: they have ${text.length} characters, above the limit of ${MAX_DECLARATIONS}`,
  );
}
