import {
  inspectComponent,
  type InspectedComponent,
} from "../../gmp/wasm_format/component/inspect_component.ts";
import { isComponent } from "../../gmp/wasm_format/header.ts";
import { type ModuleDescription, readModuleInTurns } from "../../gmp/wasm_format/module_reader.ts";
import { readInto } from "../../gmp/device/durable.ts";

/** What a module says about itself. */
export type AnyDescription = ModuleDescription | InspectedComponent;

/** Reads the description of the module in `file`, of `size` bytes, from its start. @throws {GhostError} `NOT_A_MODULE`. */
export async function readDescription(file: Deno.FsFile, size: number): Promise<AnyDescription> {
  const bytes = new Uint8Array(size);
  await Array.fromAsync(readInto(bytes, file, size));
  const read = isComponent(bytes) ? inspectComponent : readModuleInTurns;
  return await read(bytes);
}
