import { assertEquals, assertRejects } from "@std/assert";
import { type Declaration, readComponent } from "../../../gmp/wasm_format/component/component_reader.ts";
import { Host } from "./preview2/_host.ts";
import { loadGuest } from "./preview2/_component.ts";

/** A version of WASI for components. */
interface Version {
  readonly name: "0.2" | "0.3";
  /** What the fixture imports. */
  readonly full: string;
  /** Imports every function of it that is stable, and does nothing; made by fixtures/every_import.mjs. */
  readonly everyImport: Uint8Array<ArrayBuffer>;
  /** What is unstable, or is only exported. */
  readonly notImported: readonly string[];
  /** Others of as many characters that nodes provide as well. */
  readonly others: readonly string[];
}

const VERSIONS: readonly Version[] = [
  {
    name: "0.2",
    full: "0.2.12",
    everyImport: fixture("every_import_2"),
    notImported: [
      "wasi:clocks/timezone display",
      "wasi:clocks/timezone utc-offset",
      "wasi:http/types [method]fields.get-and-delete", // of 0.3
      "wasi:http/types [method]response-outparam.send-informational",
      "wasi:sockets/network network-error-code",
    ],
    others: ["0.2.10", "0.2.99"],
  },
  {
    name: "0.3",
    full: "0.3.0",
    everyImport: fixture("every_import_3"),
    notImported: [
      "wasi:clocks/timezone iana-id",
      "wasi:clocks/timezone to-debug-string",
      "wasi:clocks/timezone utc-offset",
    ],
    others: ["0.3.1", "0.3.9"],
  },
];

for (const version of VERSIONS) {
  Deno.test(`every function and resource of WASI ${version.name} is provided, and no other`, () => {
    const provided = (part: "functions" | "resources") =>
      interfacesOf(version).flatMap(([name, one]) =>
        Object.keys(one[part] ?? {}).map((inner) => `${name.replace(/@.*/, "")} ${inner}`)
      ).sort();
    assertEquals(provided("functions"), [...imported(version, "func"), ...version.notImported].sort());
    assertEquals(provided("resources"), imported(version, "resource"));
  });

  Deno.test(`what may wait of WASI ${version.name} is among the functions`, () => {
    for (const [, { functions, waits }] of interfacesOf(version)) {
      for (const name of waits ?? []) assertEquals(typeof functions[name], "function", name);
    }
  });

  Deno.test(`a component that imports all of it is made, in any version of ${version.name}, not of another`, async () => {
    for (const other of [version.full, ...version.others]) await loadGuest(withVersion(version, other));
    const unknown = withVersion(version, version.full.replace(version.name, "0.4"));
    await assertRejects(() => loadGuest(unknown), Error, "which nobody provides");
  });
}

function fixture(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`fixtures/components/${name}.wasm`, import.meta.url));
}

function interfacesOf({ name }: Version) {
  return Object.entries(new Host().wasi.interfaces).filter(([full]) => full.includes(`@${name}.`));
}

/** The exports of one sort in the type of an instance. */
function exportsOf(declarations: readonly Declaration[], sort: "func" | "resource"): string[] {
  return declarations.flatMap((one) => {
    if (one.kind !== "export") return [];
    const { name, type } = one;
    if (type.sort === "type") return sort === "resource" && type.bound === "resource" ? [name] : [];
    return type.sort === sort ? [name] : [];
  });
}

/** Every `interface name` among the imports of the fixture. */
function imported({ everyImport }: Version, sort: "func" | "resource"): string[] {
  const names: string[] = [];
  let last: readonly Declaration[] = [];
  for (const one of readComponent(everyImport).definitions) {
    // The type of an instance stands right before the import of it.
    if (one.kind === "type" && one.type.kind === "instance") last = one.type.declarations;
    if (one.kind !== "import") continue;
    names.push(...exportsOf(last, sort).map((name) => `${one.name.replace(/@.*/, "")} ${name}`));
  }
  return names.sort();
}

/** The fixture with another version of as many characters. */
function withVersion({ everyImport, full }: Version, version: string): Uint8Array<ArrayBuffer> {
  const bytes = everyImport.slice();
  const old = new TextEncoder().encode(`@${full}`);
  const other = new TextEncoder().encode(`@${version}`);
  assertEquals(other.length, old.length);
  for (let at = 0; at + old.length <= bytes.length; at++) {
    if (old.every((byte, index) => bytes[at + index] === byte)) bytes.set(other, at);
  }
  return bytes;
}
