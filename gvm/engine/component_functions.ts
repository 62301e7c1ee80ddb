import { GhostError } from "../../gmp/errors.ts";
import { nearest } from "../../gmp/nearest.ts";
import { showExport } from "../../gmp/types/write_export.ts";
import { namesOf, namesToCall } from "../../gmp/wasm_format/component/function_names.ts";
import type { ExportedFunction } from "../component/exported_functions.ts";
import type { CompiledComponentModule } from "./compiled_module.ts";
import { callableNames, whatThereIs } from "./what_there_is.ts";

/**
 * The function of a component that `name` means: `greet` if it is unique, `greeter.greet` with the name of its interface, or
 * `ghost:demo/greeter@1.0.0.greet` with the whole of it. A constructor is called as its resource, a method `counter.next`.
 *
 * @throws {GhostError} `FUNCTION_NOT_FOUND`, also for a name that several have, which lists them.
 */
export function findFunction(compiled: CompiledComponentModule, name: string): ExportedFunction {
  const { functions } = compiled.component;
  const found = functions.filter((one) => namesOf(one).has(name));
  const atWorld = found.find((one) => one.interface === undefined);
  if (found.length === 1 || atWorld !== undefined) return atWorld ?? found[0]!;
  throw found.length === 0 ? notFound(compiled, name) : ambiguous(compiled, name, found);
}

function notFound(
  { component: { functions }, ...compiled }: CompiledComponentModule,
  name: string,
): GhostError {
  const names = namesToCall(functions);
  const suggestion = nearest(name, callableNames(names));
  const hint = suggestion === undefined ? "" : `did you mean ${showExport(suggestion)}? `;
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot call ${showExport(name)}: ${compiled.name}@${compiled.version} exports no such function; ${hint}${
      whatThereIs(names)
    }`,
    suggestion === undefined ? {} : { details: { suggestion } },
  );
}

function ambiguous(
  { component: { functions }, ...compiled }: CompiledComponentModule,
  name: string,
  found: readonly ExportedFunction[],
): GhostError {
  const names = namesToCall(functions);
  const choices = found.map((one) => names[functions.indexOf(one)]!).filter((choice) => choice !== name);
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot call ${
      showExport(name)
    }: ${compiled.name}@${compiled.version} exports several functions of that name; ${whatThereIs(choices)}`,
    { details: { choices } },
  );
}
