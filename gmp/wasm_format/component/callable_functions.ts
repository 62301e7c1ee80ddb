import { namesToCall } from "./function_names.ts";
import { inspectComponent } from "./inspect_component.ts";
import { isComponent } from "../header.ts";
import { readModuleInTurns } from "../module_reader.ts";
import { formatSignature } from "../../types/signature.ts";
import { formatComponentTypes } from "../../types/type_text.ts";

/** A function that a module exports, for people to read. */
interface DescribedFunction {
  /** The name by which it is called. */
  readonly name: string;
  /** Its name with its types, such as `add(i32, i32) -> i32` or `greet(name: string) -> string`. */
  readonly signature: string;
}

/** The functions that a module or component exports. @throws {GhostError} `NOT_A_MODULE`. */
export async function callableFunctions(bytes: Uint8Array): Promise<DescribedFunction[]> {
  if (isComponent(bytes)) {
    const { functions } = (await inspectComponent(bytes)).world.exports;
    const names = namesToCall(functions);
    return functions.map(({ signature }, index) => {
      const name = names[index]!;
      return { name, signature: name + formatComponentTypes(signature) };
    });
  }
  const { exports } = await readModuleInTurns(bytes);
  return exports.flatMap((one) =>
    one.kind === "function" ? [{ name: one.name, signature: formatSignature(one.name, one.type) }] : []
  );
}
