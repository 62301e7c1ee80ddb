// The tests that jco runs on its own components of the folder runtime, with what they provide and what they expect.
import { assert } from "@std/assert";
import { join, toFileUrl } from "@std/path";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import { beginCall, instantiateComponent } from "../../../gvm/component/component.ts";
import { type ComponentFunction, KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import { guestWorld } from "../../../gvm/engine/component_world.ts";
import type { LoadedComponent } from "../../../gvm/engine/load_component.ts";
import {
  GivenImports,
  type ImportedFunction,
  type ProgramImports,
} from "../../../gvm/engine/program_imports.ts";
import { load } from "./_fixtures.ts";

const FIXTURES = Deno.env.get("COMPONENT_FIXTURES");

/** Those that provide something, or none, when they instantiate a component, and those that provide their own exports. */
const TESTS = [
  "asmjs_bigint",
  "example_guest_import",
  "flavorful",
  "lists",
  "many-arguments",
  "numbers",
  "records",
  "resource_borrow_simple",
  "smoke",
  "strings",
  "variants",
];

/** An error that a function returns, as jco throws it. */
class ComponentError extends Error {
  constructor(readonly payload: unknown) {
    super(typeof payload === "string" ? payload : `${payload} (see error.payload)`);
  }
}

type Result = { readonly tag: "ok" | "err"; readonly val: unknown };
type Exports = Record<string, unknown>;

/** A function as jco calls it: the error of a result is thrown. */
function thrown(callee: ComponentFunction, begin: () => void): ImportedFunction {
  const { parameters, result } = callee.type;
  return (...args) => {
    begin();
    const values = parameters.map((_, i) => args[i]);
    const returned = callee.call(values, undefined, KEEP, 0);
    if (result?.kind !== "result") return returned;
    const { tag, val } = returned as Result;
    if (tag === "err") throw new ComponentError(val);
    return val;
  };
}

/** A function of a test as this engine calls it: what it throws is the error of its result. */
function returned(provided: ImportedFunction): ImportedFunction {
  return (...args) => {
    try {
      return { tag: "ok", val: provided(...args) };
    } catch (error) {
      const isPayload = !(error instanceof Error) || Object.hasOwn(error, "payload");
      if (!isPayload) throw error;
      return { tag: "err", val: error instanceof Error ? (error as ComponentError).payload : error };
    }
  };
}

/** What `given` has for the import `name`: a function, or what a class of it has. */
function provided(given: Exports, name: string): ImportedFunction | undefined {
  const [, kind, resource = "", method = ""] = /^\[(\w+)\]([^.]+)\.?(.*)$/.exec(name) ?? [];
  if (kind === undefined) return given[camelCase(name)] as ImportedFunction | undefined;
  const label = camelCase(resource);
  const made = given[label.charAt(0).toUpperCase() + label.slice(1)] as
    | (new (...args: unknown[]) => Record<string, ImportedFunction>)
    | undefined;
  if (made === undefined) return undefined;
  return kind === "constructor"
    ? (...args) => new made(...args)
    : (self: Record<string, ImportedFunction>, ...args: unknown[]) => self[camelCase(method)]!(...args);
}

/** What the component imports, from `given` where that has it. What jco's tests leave out is never called. */
function importsOf({ missing }: LoadedComponent, given: Record<string, Exports>): ProgramImports {
  const imports: Record<string, Record<string, ImportedFunction>> = {};
  for (const { interface: of = "$root", name, type } of missing) {
    const callee = provided(given[of.replace(/@.*$/, "")] ?? {}, name) ?? (() => {
      throw new Error(`${of}.${name} is not provided`);
    });
    (imports[of] ??= {})[name] = type.result?.kind === "result" ? returned(callee) : callee;
  }
  return imports;
}

function instantiate(component: LoadedComponent, given: Record<string, Exports>): Exports {
  const { world } = guestWorld({ args: [], stdout: STREAM, stderr: STREAM });
  const { exports, store } = instantiateComponent(component, {
    world: new GivenImports({ imports: () => importsOf(component, given) }, false).in(world),
    makeMemories: ({ memories }) =>
      memories.map(({ minimum }) => new WebAssembly.Memory({ initial: minimum, maximum: minimum + 1000 })),
  });
  const all: Exports = {};
  for (const [of, name, callee] of functionsOf(exports)) {
    const called = thrown(callee, () => beginCall(store));
    if (of === undefined) {
      all[camelCase(name)] = called;
      continue;
    }
    const functions = (all[of] ??= {}) as Exports;
    functions[camelCase(name)] = called;
    all[camelCase(of.replace(/@.*$/, "").split("/").at(-1)!)] = functions;
  }
  return all;
}

const STREAM = { isTerminal: false, write: () => {} };

/** The text of one of jco's tests, with this engine where it imports what jco has made of the component. */
function adapted(text: string, name: string): string {
  const made = `../js-test-components/${name}/${name}.js`;
  // Their own exports are what these provide: to an interface, or by "#" to the world.
  const [, interfaceName = "$root"] =
    new RegExp(`--map (?!testwasi|r=)(\\S+?)=\\.\\./${name}\\.js(?: |$)`, "m").exec(text) ?? [];
  const own = `globalThis.jcoComponent({ ${JSON.stringify(interfaceName)}: await import(import.meta.url) })`;
  return text
    .replaceAll(`await import('${made}')`, own)
    .replace(
      /import \{ instantiate \} from '[^']+';/,
      "const instantiate = (_load, given) => globalThis.jcoComponent(given ?? _load);",
    )
    .replace(
      /import \{ \$init, thunk as importedThunk \} from '[^']+';/,
      "let importedThunk; const $init = undefined;",
    )
    .replace(/import \* as wasm from '[^']+';/, "let wasm;")
    .replace(/import \{ testImports \} from '[^']+';/, "let testImports, wasm;")
    .replace(
      /^ {4}(?=const x = new Scalars\(\);|testImports\(\);)/m,
      `wasm = ${own};\n({ testImports } = wasm);\n`.replace(
        text.includes("{ testImports }") ? "" : "({ testImports } = wasm);\n",
        "",
      ),
    )
    .replace("await $init;", `({ thunk: importedThunk } = ${own});`)
    .replace(/import \* as helpers from '[^']+';/, "const helpers = {};")
    .replace(/import \{ loadWasm, wasi \} from '[^']+';/, "const loadWasm = undefined, wasi = {};")
    .replace(/import \{ loadWasm \} from '[^']+';/, "const loadWasm = undefined;")
    .replace(/import \{ WASIShim \} from '[^']+';/, "class WASIShim { getImportObject() { return {}; } }")
    // A case without a payload has no val here, and an undefined one in jco.
    .replaceAll(", val: undefined }", " }")
    .replaceAll("from 'assert'", "from 'node:assert'")
    .replace(/^setTimeout\(run\);$/m, "export const finished = (async () => (await null, await run()))();");
}

/** The bytes of one of its components. */
async function readComponent(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const path = `${FIXTURES}/runtime/${name}`;
  return await Deno.readFile(`${path}.component.wasm`).catch(() => Deno.readFile(`${path}.wasm`));
}

Deno.test({
  name: "jco's own tests of its components hold here",
  ignore: FIXTURES === undefined,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "ghost-jco-" });
    const scope = globalThis as unknown as { jcoComponent?: (given: Record<string, Exports>) => Exports };
    try {
      for (const name of TESTS) {
        await t.step(name, async () => {
          const component = await load(await readComponent(name));
          let count = 0;
          scope.jcoComponent = (given) => (count++, instantiate(component, given));
          const file = join(folder, `${name}.ts`);
          const text = await Deno.readTextFile(`${FIXTURES}/../runtime/${name}.ts`);
          await Deno.writeTextFile(file, adapted(text, name));
          await (await import(toFileUrl(file).href)).finished;
          assert(count > 0, "it instantiates nothing");
        });
      }
    } finally {
      delete scope.jcoComponent;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
