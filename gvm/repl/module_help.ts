import { wrap } from "../../gmp/command/wrap.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { ModuleName } from "../../gmp/names.ts";
import { nearest } from "../../gmp/nearest.ts";
import { parseComponentTypes } from "../../gmp/types/parse_type_text.ts";
import { showExport } from "../../gmp/types/write_export.ts";
import { isDescribed } from "../../gmp/types/value_types.ts";
import { callableNames, whatThereIs } from "../engine/what_there_is.ts";
import type { GhostNode } from "../node/ghost_node.ts";
import type { DescribedModule } from "../node/node_options.ts";
import { exampleArguments } from "./example_value.ts";
import { readings } from "./find_function.ts";
import { typesOf, writtenName } from "./function_types.ts";
import { parse } from "./language/parser.ts";
import { printName } from "./language/print_name.ts";
import { moduleOf } from "./module_of.ts";

/** Most functions of a module that `help` lists: a few screenfuls. */
const LISTED_FUNCTIONS = 100;
/** Arguments for an example, by their types. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  i32: ["1", "2", "3"],
  i64: ["1n", "2n", "3n"],
  f32: ["0.5", "1.5", "2.5"],
  f64: ["0.5", "1.5", "2.5"],
};

/**
 * What `help math` and `help math.add` print, within `columns`; `undefined` if there is no such module.
 *
 * @throws {GhostError} `FUNCTION_NOT_FOUND`, naming those that there are; what {@linkcode GhostNode.describe} throws.
 */
export async function moduleHelp(topic: string, node: GhostNode, columns = 80): Promise<string | undefined> {
  const line = parse(`${topic.replace(/\(.*/, "")}()`);
  if (!line.ok || line.expression.kind !== "run" && line.expression.kind !== "call") return undefined;
  const { expression } = line;
  if (expression.kind === "run") {
    const described = await describe(node, moduleOf(expression));
    return described && await ofModule(described, node, columns);
  }
  for (const { function: name, ...module } of readings(expression)) {
    const described = await describe(node, module);
    if (described !== undefined) return ofFunction(described, name, columns);
  }
  return undefined;
}

async function describe(node: GhostNode, wanted: ModuleName): Promise<DescribedModule | undefined> {
  try {
    return await node.describe(wanted);
  } catch (error) {
    if (GhostError.from(error).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

async function ofModule(described: DescribedModule, node: GhostNode, columns: number): Promise<string> {
  const { name, version, size, functions } = described;
  const names = functions.map((one) => one.name);
  const callable = new Set(callableNames(names));
  const shown = functions.filter((one) => callable.has(one.name)).slice(0, LISTED_FUNCTIONS);
  const more = callable.size - shown.length;
  const versions = (await node.modules()).find((one) => one.name === name)?.versions ?? [];
  const others = versions.filter((one) => one !== version);
  return [
    `${name}@${version}, ${size} bytes`,
    ...names.includes("_start")
      ? indented(`${printName(name)} runs it; text in parentheses is its arguments`, columns)
      : [],
    ...shown.flatMap((one) => indented(written(name, one), columns)),
    ...more > 0 ? [`  and ${more} more`] : [],
    ...names.includes("_start") || shown.length > 0 ? [] : ["  It has no function that can be called."],
    ...others.length > 0 ? indented(`Other versions: ${others.join(", ")}`, columns) : [],
  ].join("\n");
}

function ofFunction({ name, version, functions }: DescribedModule, wanted: string, columns: number): string {
  const found = functions.find((one) => one.name === wanted || one.name === wanted.replace("#", ".")) ??
    withInterface(functions, wanted);
  if (found === undefined) {
    const names = functions.map((one) => one.name);
    const meant = nearest(wanted, callableNames(names));
    const hint = meant === undefined ? "" : `did you mean ${showExport(meant)}? `;
    throw new GhostError(
      "FUNCTION_NOT_FOUND",
      `Cannot help with ${showExport(wanted)}: ${name}@${version} exports no such function; ${hint}${
        whatThereIs(names)
      }`,
    );
  }
  const called = `${printName(name)}.${writtenName(found)}`;
  const types = typesOf(found);
  const example = exampleOf(types);
  return [
    ...wrap(written(name, found), columns - 1),
    ...indented(`A function of ${name}@${version}.`, columns),
    ...typeof example === "string"
      ? ["", ...indented(`${called}(${example})`, columns)]
      : indented(`It cannot be called from here: nobody here has a value of type ${example.odd}.`, columns),
  ].join("\n");
}

/** The function of a component that has the name of its interface in front. */
function withInterface(
  functions: DescribedModule["functions"],
  wanted: string,
): DescribedModule["functions"][number] | undefined {
  return functions.find((one) =>
    /[.#]/.test(wanted.at(-one.name.length - 1) ?? "") && wanted.endsWith(one.name)
  );
}

/** A function as people read it. */
function written(module: string, one: DescribedModule["functions"][number]): string {
  return `${printName(module)}.${writtenName(one)}${typesOf(one)}`;
}

/** Arguments for an example, or a type that nobody here has a value of. */
function exampleOf(types: string): string | { readonly odd: string } {
  const numbers = /^\(([^()]*)\)/.exec(types)?.[1]?.match(/\w+/g) ?? [];
  const odd = types.match(/\w+/g)?.find((type) => !isDescribed(type));
  if (odd === undefined) return numbers.map((type, i) => EXAMPLES[type]?.[i % 3] ?? "1").join(", ");
  const component = parseComponentTypes(types);
  return component === undefined ? { odd } : exampleArguments(component) ?? "…";
}

function indented(text: string, columns: number): string[] {
  return wrap(text, columns - 3).map((line) => `  ${line}`);
}
