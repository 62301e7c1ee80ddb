/** Functions of WASI called with arguments drawn at random, of the types that they have. */
import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import { readWorld } from "../../../gmp/wasm_format/component/component_world.ts";
import { HostFuture } from "../../../gvm/component/host_future.ts";
import { SourceStream } from "../../../gvm/component/host_streams.ts";
import { ExitStatus, InputQueue, Snapshot } from "../../../gvm/wasi/mod.ts";
import { bytes, Host } from "./preview2/_host.ts";
import { generator } from "./_generator.ts";

/** Ranges of integers: bits, and whether they are signed. */
const INTEGERS: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  u8: [8, false],
  u16: [16, false],
  s32: [32, true],
  u32: [32, false],
  u64: [64, false],
};
const TEXTS = [
  "",
  "file",
  "dir",
  "dir/inner",
  "link",
  "../file",
  "/",
  ".",
  "..",
  "a\0b",
  "x".repeat(300),
  "é/ü",
];

/** A guest that has been given some resources. */
class Guest {
  readonly host: Host;
  readonly #resources = new Map<string, object[]>();
  readonly #random: () => number;

  constructor(version: "0.2" | "0.3", random: () => number) {
    this.#random = random;
    const { fileSystem } = new Snapshot([
      { type: "file", path: "file", bytes: bytes("contents"), modifiedAt: 0n },
      { type: "directory", path: "dir", modifiedAt: 0n },
      { type: "link", path: "link", target: "dir", modifiedAt: 0n },
    ]);
    // Reading would have to wait, which is a failure.
    const options = { blocking: false, stdin: new InputQueue(), preopens: [{ name: "/", fileSystem }] };
    this.host = new Host(options, version);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.#random() % values.length]!;
  }

  /** A value of a type; `undefined` for what there is none of yet. */
  draw(types: readonly TypeNode[], type: TypeReference): unknown {
    if (typeof type === "string") return this.#drawPrimitive(type);
    const [kind, a, b] = types[type]!;
    const inner = (of: TypeReference | null) => of === null ? undefined : this.draw(types, of);
    switch (kind) {
      case "list": {
        const values = Array.from({ length: this.#random() % 4 }, () => inner(a));
        return a === "u8" ? Uint8Array.from(values as number[]) : values;
      }
      case "tuple":
        return a.map(inner);
      case "record":
        return Object.fromEntries(a.map(([name, one]) => [camelCase(name), inner(one)]));
      case "flags":
        return Object.fromEntries(a.map((name) => [camelCase(name), this.#random() % 2 === 0]));
      case "enum":
        return this.pick(a);
      case "option":
        return this.#random() % 2 === 0 ? undefined : inner(a);
      case "variant": {
        const [tag, of] = this.pick(a);
        return { tag, val: inner(of) };
      }
      case "result":
        return this.#random() % 2 === 0 ? { tag: "ok", val: inner(a) } : { tag: "err", val: inner(b) };
      case "own":
      case "borrow": {
        const owned = this.#resources.get(a) ?? [];
        if (owned.length === 0) throw new Nothing();
        const index = this.#random() % owned.length;
        return kind === "own" ? owned.splice(index, 1)[0] : owned[index];
      }
      case "stream":
      case "future":
        return new Sent(() => inner(a));
      default:
        throw new Error(`WASI has no ${kind}`);
    }
  }

  #drawPrimitive(type: string): unknown {
    if (type === "bool") return this.#random() % 2 === 0;
    if (type === "string") return this.pick(TEXTS);
    const [bits, signed] = INTEGERS[type]!;
    const value = this.pick([0n, 1n, 3n, BigInt(this.#random() % 70_000), 2n ** 31n, 2n ** 53n, -1n]);
    const fitting = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
    return bits === 64 ? fitting : Number(fitting);
  }

  /** Asserts that `value` is of a type, and keeps the resources in it. */
  keep(types: readonly TypeNode[], type: TypeReference | null, value: unknown, what: string): void {
    if (type === null) return assertEquals(value, undefined, what);
    if (typeof type === "string") return keepPrimitive(type, value, what);
    const [kind, a, b] = types[type]!;
    const inner = (of: TypeReference | null, part: unknown, name: string | number) =>
      this.keep(types, of, part, `${what}.${name}`);
    switch (kind) {
      case "list":
        if (a === "u8") return assert(value instanceof Uint8Array, what);
        return [...value as unknown[]].forEach((one, index) => inner(a, one, index));
      case "tuple":
        assertEquals((value as unknown[]).length, a.length, what);
        return a.forEach((of, index) => inner(of, (value as unknown[])[index], index));
      case "record":
        assertEquals(Object.keys(value as object).sort(), a.map(([name]) => camelCase(name)).sort(), what);
        return a.forEach(([name, of]) =>
          inner(of, (value as Record<string, unknown>)[camelCase(name)], name)
        );
      case "flags":
        for (const name of Object.keys(value as object)) assert(a.map(camelCase).includes(name), what);
        return;
      case "enum":
        return assert(a.includes(value as string), `${what}: ${value}`);
      case "option":
        return value === undefined ? undefined : inner(a, value, "some");
      case "variant":
      case "result": {
        const { tag, val } = value as { tag: string; val: unknown };
        const cases = kind === "variant"
          ? a
          : [["ok", a] as const, ["err", b as TypeReference | null] as const];
        const found = cases.find(([name]) => name === tag);
        assert(found !== undefined, `${what}: ${tag}`);
        return inner(found[1], val, tag);
      }
      case "own":
        assert(typeof value === "object" && value !== null, what);
        this.#resources.set(a, [...this.#resources.get(a) ?? [], value]);
        return;
      case "stream":
        return assert(value instanceof Sent || value instanceof SourceStream, what);
      case "future":
        return assert(value instanceof Sent || value instanceof HostFuture, what);
      default:
        throw new Error(`no function of WASI returns a ${kind}`);
    }
  }
}

/** A stream or a future that a guest gives away, and which perhaps has something, perhaps at once. */
class Sent {
  readonly #draw: () => unknown;
  #isOver = false;

  constructor(draw: () => unknown) {
    this.#draw = draw;
  }

  receive({ write, end }: { write(values: unknown): void; end(): void }): void {
    assert(!this.#isOver, "what was dropped or taken is taken");
    this.#isOver = true;
    try {
      write([this.#draw()]);
    } catch (error) {
      if (!(error instanceof Nothing)) throw error;
    }
    end();
  }

  drop(): void {
    assert(!this.#isOver, "what was dropped or taken is dropped");
    this.#isOver = true;
  }
}

/** There is no resource yet that an argument could be. */
class Nothing extends Error {}

function keepPrimitive(type: string, value: unknown, what: string): void {
  if (type === "bool") return assertEquals(typeof value, "boolean", what);
  if (type === "string") return assertEquals(typeof value, "string", what);
  const [bits, signed] = INTEGERS[type]!;
  assertEquals(typeof value, bits === 64 ? "bigint" : "number", what);
  const exact = BigInt(value as number | bigint);
  assertEquals(signed ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact), exact, what);
}

/** What to call, and how often. */
interface Calls {
  readonly version: "0.2" | "0.3";
  /** A component that imports it. */
  readonly everyImport: string;
  /** Which of its interfaces. */
  readonly interfaces: RegExp;
  readonly rounds: number;
  readonly callsOfRound: number;
}

/** Calls functions of a version at random: which of them never succeeded, and which ended their guest, as a guest's mistake does. */
export function callAtRandom(
  { version, everyImport, interfaces, rounds, callsOfRound }: Calls,
): { readonly missed: string[]; readonly ended: ReadonlySet<string> } {
  const file = new URL(`fixtures/components/${everyImport}.wasm`, import.meta.url);
  const functions = readWorld(Deno.readFileSync(file)).imports.functions
    .filter((one) => interfaces.test(one.interface!));
  const random = generator(20_260_607);
  const succeeded = new Set<string>();
  const ended = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const guest = new Guest(version, random);
    const provided = new Map(Object.entries(guest.host.wasi.interfaces));
    for (let call = 0; call < callsOfRound; call++) {
      const one = guest.pick(functions);
      const { types, parameters, result } = one.signature;
      const what = `${one.interface} ${one.name}`;
      try {
        const args = parameters.map(([, type]) => guest.draw(types, type));
        const returned = provided.get(one.interface!)!.functions[one.name]!(...args);
        guest.keep(types, result, returned, what);
        succeeded.add(what);
      } catch (error) {
        if (error instanceof Nothing) continue;
        // A guest's own mistake is a plain Error, which ends it.
        const isMeant = error instanceof ExitStatus || error instanceof GhostError ||
          (error instanceof Error && error.constructor === Error);
        assert(isMeant, `${what}: ${Deno.inspect(error)}`);
        ended.add(what);
        if (error instanceof ExitStatus) break;
      }
    }
  }
  const all = functions.map((one) => `${one.interface} ${one.name}`);
  return { missed: all.filter((what) => !succeeded.has(what)), ended };
}
