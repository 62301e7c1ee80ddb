/** Valid components to mutate. */
import { walk } from "@std/fs/walk";
import { GhostError } from "../../gmp/errors.ts";
import { readComponent } from "../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../gmp/wasm_format/component/component_validator.ts";
import { isComponent } from "../../gmp/wasm_format/header.ts";
import { binaryOf, type Form, headOf, loadAssembler, parseForms } from "../tools/wast.ts";

/** Larger ones are mostly function bodies. */
const LARGEST = 60_000;

/** Those of this repository whose functions end: nothing here would stop one that loops. */
const OWN = ["amplify", "doubling", "edges", "explode", "imports", "memories", "streams", "tasks"];

/** Some components of this repository. */
export async function ownComponents(): Promise<Uint8Array[]> {
  const fixture = (name: string) => new URL(`../gvm/component/fixtures/${name}.wasm`, import.meta.url);
  return [
    ...await Promise.all(OWN.map((name) => Deno.readFile(fixture(name)))),
    ...await componentsIn(new URL("../../examples/", import.meta.url)),
  ];
}

/** The components in a folder of this repository, or in another one. */
export async function componentsIn(folder: string | URL): Promise<Uint8Array[]> {
  const found: Uint8Array[] = [];
  for await (const { path } of walk(folder, { exts: [".wasm"], includeDirs: false })) {
    const bytes = await Deno.readFile(path);
    if (bytes.length <= LARGEST && isComponent(bytes) && isValid(bytes)) found.push(bytes);
  }
  return found.sort((one, other) => one.length - other.length); // the same order everywhere
}

/** Every valid component in the scripts of the official tests of the component model. */
export async function componentsOfSuite(suite: string): Promise<Uint8Array[]> {
  const assemble = await loadAssembler();
  const found: Uint8Array[] = [];
  for await (const { path } of walk(`${suite}/test`, { exts: [".wast"], includeDirs: false })) {
    for (const form of parseForms(await Deno.readTextFile(path)).flatMap(componentForms)) {
      try {
        const bytes = await binaryOf(form, assemble);
        if (isComponent(bytes) && isValid(bytes)) found.push(bytes);
      } catch {
        // It is not meant to be valid, or the assembler does not know it.
      }
    }
  }
  return found;
}

function componentForms(form: Form): Form[] {
  if (headOf(form) === "component") return form.items![1]?.text === "instance" ? [] : [form];
  return headOf(form).startsWith("assert_") ? form.items!.slice(1, 2).flatMap(componentForms) : [];
}

function isValid(bytes: Uint8Array): boolean {
  try {
    validateComponent(bytes, readComponent(bytes));
    return true;
  } catch (error) {
    if (error instanceof GhostError) return false;
    throw error;
  }
}
