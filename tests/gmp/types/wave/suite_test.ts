/**
 * WAVE's own suite: statements that are accepted, with what they print as, or rejected (`crates/wasm-wave/tests/ui` of
 * bytecodealliance/wasm-tools). WAVE_SUITE names that directory.
 */
import { assert, assertEquals } from "@std/assert";
import type { ComponentSignature } from "../../../../gmp/types/component_types.ts";
import { parseComponentTypes } from "../../../../gmp/types/parse_type_text.ts";
import { TextError } from "../../../../gmp/types/text_error.ts";
import { printWave } from "../../../../gmp/types/wave/print_wave.ts";
import { NO_SOURCES, readCall } from "./_read.ts";

const SUITE = Deno.env.get("WAVE_SUITE");

Deno.test({
  name: "WAVE's suite of statements; set WAVE_SUITE to its directory, or it is skipped",
  ignore: SUITE === undefined,
  fn() {
    const functions = functionsOf(Deno.readTextFileSync(`${SUITE}/ui.wit`));
    for (const { name } of Deno.readDirSync(SUITE!)) {
      if (!name.endsWith(".waves")) continue;
      const statements = statementsIn(Deno.readTextFileSync(`${SUITE}/${name}`));
      const answers = answersIn(Deno.readTextFileSync(`${SUITE}/${name.replace(/waves$/, "out")}`));
      assertEquals(statements.length, answers.length, name);
      for (const [i, statement] of statements.entries()) {
        const printed = accepted(statement, functions);
        assertEquals(printed !== undefined, name.startsWith("accept-"), `${name}: ${statement}`);
        if (printed === undefined) continue;
        assertEquals(accepted(printed, functions), printed, statement);
        assertEquals(accepted(answers[i]!, functions), printed, statement);
      }
    }
  },
});

/** What the suite says of each statement: how it prints, with the names of parameters taken off, or what is wrong. */
function answersIn(text: string): string[] {
  const lines = text.trimEnd().split("\n").filter((line) => !line.startsWith("//"));
  return lines.map((line) => line.replace(/^([^(]*\()[\w-]+: /, "$1"));
}

/** The statements of a file, without the comments before them. */
function statementsIn(text: string): string[] {
  return text.trimEnd().replace(/;$/, "").split(";\n").map((one) => one.replace(/^(?:\/\/.*\n)+/, ""));
}

/** The signatures by every name of the function: alone, and within its interface and package. */
function functionsOf(wit: string): Map<string, ComponentSignature> {
  const types = new Map<string, string>();
  for (const [, kind, name, body] of wit.matchAll(/(record|enum|flags) ([\w-]+) \{([^}]*)\}/g)) {
    types.set(name!, `${kind} {${body}}`);
  }
  const functions = new Map<string, ComponentSignature>();
  for (const [, name, parameters] of wit.matchAll(/%?([\w-]+): func\((.*)\);/g)) {
    const text = `(${
      parameters!.replace(/: ([\w-]+)$/, (all, type) => types.has(type) ? `: ${types.get(type)}` : all)
    })`;
    const signature = parseComponentTypes(text);
    assert(signature !== undefined, text);
    for (const full of [name!, `ui.${name}`, `ui:tests/ui.${name}`, `ui:tests/ui.${name}@0.1.0`]) {
      functions.set(full, signature);
    }
  }
  return functions;
}

/** The statement as it prints, if it is accepted. */
function accepted(statement: string, functions: ReadonlyMap<string, ComponentSignature>): string | undefined {
  const open = statement.indexOf("(");
  const signature = functions.get(statement.slice(0, open).trim());
  if (signature === undefined) return undefined;
  try {
    const values = readCall(statement.slice(open), signature);
    const printed = values.map((value, i) =>
      printWave(value, signature.parameters[i]![1], signature.types, NO_SOURCES)
    );
    return `${statement.slice(0, open)}(${printed.join(", ")})`;
  } catch (error) {
    if (error instanceof TextError) return undefined;
    throw error;
  }
}
