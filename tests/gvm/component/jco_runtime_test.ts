// The tests that jco runs on its own components of the folder runtime, with what they provide and what they expect.
import { assert } from "@std/assert";
import { exists } from "@std/fs/exists";
import { join, toFileUrl } from "@std/path";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { type ComponentFunction, KEEP } from "../../../gvm/component/component_function.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import { guestWorld } from "../../../gvm/engine/component_world.ts";
import type { LoadedComponent } from "../../../gvm/engine/load_component.ts";
import {
  GivenImports,
  type ImportedFunction,
  type ProgramImports,
} from "../../../gvm/engine/program_imports.ts";
import { loadAssembler } from "../../tools/wast.ts";
import { load } from "./_fixtures.ts";

const FIXTURES = Deno.env.get("COMPONENT_FIXTURES");

/**
 * Those that provide something, or none, when they instantiate a component, and those that provide their own exports. Missing
 * are dummy_proxy and wasi-http-proxy, whose components jco does not have and whose scripts its own runner leaves out; the
 * second asks a server by wasi:http, which nobody is granted here.
 */
const TESTS = [
  "asmjs_bigint",
  "example_guest_export",
  "example_guest_import",
  "flavorful",
  "list-adapter-fusion",
  "lists",
  "many-arguments",
  "multi-version",
  "numbers",
  "records",
  "resource_borrow_simple",
  "smoke",
  "strings",
  "strings.async+js",
  "strings.sync",
  "strings.sync+js",
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

/** A resource of a component as jco has it: an object of a class. */
class Held {
  value: unknown;
}

/** A function as jco calls it: the error of a result is thrown. */
function thrown(callee: ComponentFunction, begin: () => void): ImportedFunction {
  const { parameters, result } = callee.type;
  return (...args) => {
    begin();
    const values = parameters.map((_, i) => args[i] instanceof Held ? args[i].value : args[i]);
    const returned = callee.call(values, undefined, KEEP, 0);
    if (result?.kind !== "result") return returned;
    const { tag, val } = returned as Result;
    if (tag === "err") throw new ComponentError(val);
    return val;
  };
}

/** Puts a function into `functions`: under its name, or into the class of its resource, as jco does. */
function put(functions: Exports, name: string, callee: ImportedFunction): void {
  const [, kind, resource = "", member = ""] = RESOURCE_FUNCTION.exec(name) ?? [];
  if (kind === undefined) {
    functions[camelCase(name)] = callee;
    return;
  }
  const made = (functions[className(resource)] ??= class extends Held {
    static make: ImportedFunction | undefined;
    constructor(...args: unknown[]) {
      super();
      this.value = made.make!(...args);
    }
  }) as (new () => Held) & { make: ImportedFunction } & Record<string, ImportedFunction>;
  if (kind === "constructor") made.make = callee;
  else if (kind === "static") made[camelCase(member)] = callee;
  else {
    (made.prototype as Record<string, ImportedFunction>)[camelCase(member)] = function (
      this: Held,
      ...args: unknown[]
    ) {
      return callee(this, ...args);
    };
  }
}

const RESOURCE_FUNCTION = /^\[(\w+)\]([^.]+)\.?(.*)$/;

function className(resource: string): string {
  const label = camelCase(resource);
  return label.charAt(0).toUpperCase() + label.slice(1);
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
  const [, kind, resource = "", method = ""] = RESOURCE_FUNCTION.exec(name) ?? [];
  if (kind === undefined) return given[camelCase(name)] as ImportedFunction | undefined;
  const made = given[className(resource)] as
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

/** If it `waits`, for WASI, its functions return promises. */
function instantiate(component: LoadedComponent, given: Record<string, Exports>, waits: boolean): Exports {
  const { world } = guestWorld({ args: [], stdout: STREAM, stderr: STREAM, blocking: waits });
  const { exports, store } = instantiateComponent(component, {
    world: new GivenImports({ imports: () => importsOf(component, given) }, false).in(world),
    suspension: waits ? { suspended() {}, resumed() {} } : undefined,
    makeMemories: ({ memories }) =>
      memories.map(({ minimum }) => new WebAssembly.Memory({ initial: minimum, maximum: minimum + 1000 })),
  });
  const all: Exports = {};
  for (const [of, name, callee] of functionsOf(exports)) {
    const called = thrown(callee, () => store.begin());
    if (of === undefined) {
      all[camelCase(name)] = called;
      continue;
    }
    const functions = (all[of] ??= {}) as Exports;
    put(functions, name, called);
    all[camelCase(of.replace(/@.*$/, "").split("/").at(-1)!)] = functions;
  }
  return all;
}

const STREAM = { isTerminal: false, write: () => {} };

/** The text of one of jco's tests, with this engine where it imports what jco has made of the component. */
function adapted(text: string, name: string): string {
  const made = `../js-test-components/${name}/${name}.js`;
  if (!text.includes(made)) throw new Error(`it does not import ${made}`);
  // Their own exports are what these provide: to an interface, or by "#" to the world. A file that waits for itself never ends.
  const [, interfaceName = "$root"] =
    new RegExp(`--map (?!testwasi|r=)(\\S+?)=\\.\\./${name}\\.js(?: |$)`, "m").exec(text) ?? [];
  const given = /^export /m.test(text)
    ? `{ ${JSON.stringify(interfaceName)}: await import(import.meta.url) }`
    : "{}";
  const own = `globalThis.jcoComponent(${given})`;
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
    .replace(/import \* as wasm from '[^']+';/, `let wasm${given === "{}" ? ` = ${own}` : ""};`)
    .replace("await wasm.$init;", `wasm = ${own};`)
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
    .replace("wasm.test();", "await wasm.test();")
    .replaceAll("from 'assert'", "from 'node:assert'")
    .replace(/^setTimeout\(run\);$/m, "export const finished = (async () => (await null, await run()))();");
}

/** The bytes of the component of one of its tests: three are of `strings`, which they instantiate otherwise. */
async function readComponent(test: string, folder: string): Promise<Uint8Array<ArrayBuffer>> {
  const name = test.replace(/^strings\..*/, "strings");
  for (const end of [".component.wasm", ".wasm"]) {
    const path = join(folder, name + end);
    if (await exists(path)) return await Deno.readFile(path);
  }
  const text = await Deno.readTextFile(join(folder, `${name}.wat`)).catch(() =>
    Deno.readTextFile(join(folder, `${name}.component.wat`))
  );
  return await (await loadAssembler())(text);
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
          const component = await load(await readComponent(name, `${FIXTURES}/runtime`));
          let count = 0;
          scope.jcoComponent = (given) => (count++, instantiate(component, given, name === "multi-version"));
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
