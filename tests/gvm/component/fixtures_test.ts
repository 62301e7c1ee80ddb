// Components that others have built (bytecodealliance/jco): every one is instantiated, and those of `runtime` are called.
import { assert, assertEquals } from "@std/assert";
import { walk } from "@std/fs/walk";
import { relative } from "@std/path";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import { isComponent } from "../../../gmp/wasm_format/header.ts";
import { type ComponentFunction, KEEP } from "../../../gvm/component/component_function.ts";
import { instantiateComponent } from "../../../gvm/component/component.ts";
import { functionsOf } from "../../../gvm/component/exported_functions.ts";
import { ComponentTrap } from "../../../gvm/component/trap.ts";
import type { HostFunction, HostWorld } from "../../../gvm/component/host.ts";
import type { Type } from "../../../gvm/component/types.ts";
import { guestWorld } from "../../../gvm/engine/component_world.ts";
import type { LoadedComponent } from "../../../gvm/engine/load_component.ts";
import { load } from "./_fixtures.ts";

const FIXTURES = Deno.env.get("COMPONENT_FIXTURES");
if (FIXTURES === undefined) {
  console.log(
    "Skipping jco's components: COMPONENT_FIXTURES does not name its folder test/fixtures/components",
  );
}

const STREAM = { isTerminal: false, write: () => {} };
const WASI = guestWorld({ args: [], stdout: STREAM, stderr: STREAM }).world;

/** Says that it was called, and returns nothing. */
const ANYTHING: Record<string, HostFunction> = new Proxy({}, {
  getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: () => undefined }),
  get: () => () => undefined,
});

/** WASI, and functions that return nothing for all else. */
function worldOf({ description }: LoadedComponent): HostWorld {
  const others = description.definitions.flatMap((one) =>
    one.kind === "import" && one.type.sort === "instance" && !one.name.startsWith("wasi:")
      ? [[one.name + (one.versionSuffix ?? ""), { functions: ANYTHING }] as const]
      : []
  );
  const newer = description.definitions.flatMap((one) =>
    one.kind === "import" && one.name.startsWith("wasi:") && !one.name.includes("@0.2")
      ? [[one.name, { functions: ANYTHING }] as const]
      : []
  );
  return {
    interfaces: { ...WASI.interfaces, ...Object.fromEntries([...others, ...newer]) },
    root: { functions: ANYTHING },
  };
}

function instantiate(component: LoadedComponent) {
  return instantiateComponent(component, {
    world: worldOf(component),
    makeMemories: ({ memories }) =>
      memories.map(({ minimum }) => new WebAssembly.Memory({ initial: minimum, maximum: minimum + 1000 })),
  });
}

/** Some value of a type that needs no resource; `undefined` if there is none. */
function some(type: Type): unknown {
  switch (type.kind) {
    case "bool":
      return true;
    case "s64":
    case "u64":
      return 7n;
    case "char":
      return "x";
    case "string":
      return "Ж text";
    case "list":
      return Array.from({ length: type.length ?? 3 }, () => some(type.element));
    case "record":
      return Object.fromEntries(type.fields.map(({ name, type }) => [camelCase(name), some(type)]));
    case "tuple":
      return type.elements.map(some);
    case "variant": {
      const [{ name, type: payload }] = type.cases as [(typeof type.cases)[number]];
      return { tag: name, val: payload && some(payload) };
    }
    case "enum":
      return type.labels[0];
    case "flags":
      return Object.fromEntries(type.labels.map((label) => [camelCase(label), true]));
    case "option":
      return type.some.kind === "option" ? { tag: "none" } : some(type.some);
    case "result":
      return { tag: "ok", val: type.ok && some(type.ok) };
    default:
      return 7;
  }
}

/** Calls it with some values: true if it returned, false if the guest trapped or wanted what the host did not give. */
function call(callee: ComponentFunction): boolean {
  const args = callee.type.parameters.map(({ type }) => some(type));
  try {
    callee.call(args, undefined, KEEP, 0);
    return true;
  } catch (error) {
    const isExpected = error instanceof WebAssembly.RuntimeError || error instanceof ComponentTrap ||
      error instanceof TypeError &&
        /^(?:What an import returned|a value is not a resource)/.test(error.message);
    assert(isExpected, String(error));
    return false;
  }
}

async function* components(folder: string): AsyncGenerator<[string, LoadedComponent]> {
  for await (const { path } of walk(folder, { exts: [".wasm"], includeDirs: false })) {
    const bytes = await Deno.readFile(path);
    if (isComponent(bytes)) yield [relative(folder, path), await load(bytes)];
  }
}

Deno.test({
  name: "every component of jco's fixtures is instantiated",
  ignore: FIXTURES === undefined,
  async fn() {
    const failures: string[] = [];
    let count = 0;
    for await (const [path, component] of components(FIXTURES!)) {
      count++;
      try {
        instantiate(component);
      } catch (error) {
        failures.push(`${path}: ${error}`);
      }
    }
    assertEquals(failures, []);
    assert(count > 30, `${count}`);
  },
});

Deno.test({
  name: "what the components of jco's folder runtime export is called",
  ignore: FIXTURES === undefined,
  async fn() {
    let [calls, returned] = [0, 0];
    for await (const [, component] of components(`${FIXTURES}/runtime`)) {
      for (const { interface: of, name } of component.functions) {
        // After a trap nothing more could be called.
        const { exports, store } = instantiate(component);
        const [, , callee] = [...functionsOf(exports)].find(([one, other]) => one === of && other === name)!;
        store.begin();
        calls++;
        if (call(callee)) returned++;
      }
    }
    console.log(`${calls} functions called, ${returned} returned`);
    // The others call the host, which gives them nothing.
    assert(returned >= 64, `${returned} of ${calls} returned`);
  },
});
