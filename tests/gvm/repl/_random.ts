import type { WaveNode } from "../../../gmp/types/wave/wave_node.ts";
import type { Call, Expression, Name, Run } from "../../../gvm/repl/language/syntax.ts";

/** A seed for one run of a property test: of the environment if it was given there, to repeat a failure. */
export function chooseSeed(): number {
  const given = Deno.env.get("GHOST_TEST_SEED");
  const seed = given === undefined ? crypto.getRandomValues(new Uint32Array(1))[0]! : Number(given);
  console.log(`GHOST_TEST_SEED=${seed}`);
  return seed;
}

/** Makes random lines and trees, the same for the same seed (the generator is mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 up to, and without, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  pick<T>(choices: ArrayLike<T>): T {
    return choices[this.below(choices.length)]!;
  }

  list<T>(limit: number, item: () => T): T[] {
    return Array.from({ length: this.below(limit) }, item);
  }

  text(alphabet: ArrayLike<string>, limit: number): string {
    return this.list(limit, () => this.pick(alphabet)).join("");
  }

  expression(): Expression {
    const span = { start: 0, end: 0 };
    const kind = this.pick(
      [
        ...["empty", "help", "exit", "load", "discover", "list", "modules", "connect", "disconnect", "reset"],
        ...["drop", "assign", "assign", "remote", "remote", "remote", "target", "target", "target", "target"],
      ] as const,
    );
    switch (kind) {
      case "help":
        return {
          kind,
          topic: this.below(2) ? this.#name(this.pick(["Node.run", ".load", "a//b", "x"])) : undefined,
          ...span,
        };
      case "load":
        return { kind, file: this.#name(this.#words() || "x"), ...span };
      case "connect":
      case "disconnect":
        return { kind, node: this.#node(), ...span };
      case "reset":
        return { kind, module: this.#name(this.#identifier()), version: this.#version(), ...span };
      case "remote":
        return { kind, node: this.#node(), target: this.#target(), ...span };
      case "target":
        return this.#target();
      case "drop":
        return { kind, name: this.#name(this.pick(["c", "counter#1"])), ...span };
      case "assign": {
        const node = this.below(2) ? this.#node() : undefined;
        return { kind, name: this.#name(this.pick(["c", "my-counter"])), call: this.#call(), node, ...span };
      }
      default:
        return { kind, ...span } as Expression;
    }
  }

  #target(): Run | Call {
    if (this.below(2)) return this.#call();
    const place = { module: this.#name(this.#identifier()), version: this.#version(), start: 0, end: 0 };
    return { kind: "run", argv: this.list(4, () => this.#name(this.#words())), ...place };
  }

  #call(): Call {
    const place = { module: this.#name(this.#identifier()), version: this.#version(), start: 0, end: 0 };
    const name = this.below(3) ? this.pick(["add", "_start", "$", "añadir", "help"]) : this.#words();
    const within = this.below(4) === 0
      ? { within: [this.#name(this.pick(["a:b/c@1.0.0", "counter", ""]))] }
      : {};
    return {
      kind: "call",
      ...within,
      function: this.#name(name),
      arguments: this.list(4, () => this.argument(3)),
      ...place,
    };
  }

  #name(text: string): Name {
    return { text, start: 0, end: 0 };
  }

  #node(): Name {
    const device = this.below(2) ? "" : `@${this.#identifier()}`;
    return this.#name(this.#identifier() + device);
  }

  #version(): Name | undefined {
    if (this.below(2)) return undefined;
    const numbers = Array.from({ length: 3 }, () => this.below(this.pick([2, 100]))).join(".");
    const parts = this.list(4, () => `${this.pick("az-")}${this.text("ab09-", 5)}`);
    const prerelease = parts.length > 0 ? `-${parts.join(".")}` : "";
    return this.#name(`${this.pick(["", "v"])}${numbers}${prerelease}`);
  }

  /** A valid name of a node or module; full of dots and other temptations. */
  #identifier(): string {
    if (this.below(4) === 0) {
      return this.pick(["help", "exit", "v0.0.1", "1.0.0-rc.1", "my.math", "node-8399"]);
    }
    const marks = this.text("ab09.._-", 63).replaceAll(/\.{2,}/g, ".");
    return this.pick("az059") + marks;
  }

  #words(): string {
    return this.text([
      ..."ab01 .,;:()[]{}'\"\\/\n\t\r-=$@#éß漢👻\u0301\u200b\u2028\u202e\x00\x1b\x7f\ufeff",
      "//",
      " //",
    ], 8);
  }

  /** A value as it is written, of at most `depth` levels. */
  argument(depth: number): WaveNode {
    const span = { start: 0, end: 0 };
    if (depth === 0 || this.below(2)) return this.#simple();
    const items = () => this.list(4, () => this.argument(depth - 1));
    const label = () => this.pick(["a", "HTTP-3", "some", "true"]);
    return this.pick<() => WaveNode>([
      () => ({ kind: "list", items: items(), ...span }),
      () => ({ kind: "tuple", items: items(), ...span }),
      () => ({ kind: "label", name: "rect", escaped: false, payload: this.argument(depth - 1), ...span }),
      () => ({ kind: "label", name: label(), escaped: true, ...span }),
      () => ({ kind: "label", name: this.pick(["empty", "counter#1"]), escaped: false, ...span }),
      () => ({ kind: "flags", flags: this.below(2) ? [] : [{ name: label(), ...span }], ...span }),
      () => {
        const names = ["a", "b-c", "true"].slice(this.below(4));
        const fields = names.map((name) => ({ key: { name, ...span }, item: this.argument(depth - 1) }));
        return { kind: "record", fields, ...span };
      },
    ])();
  }

  #simple(): WaveNode {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setUint32(0, this.below(2 ** 32));
    bytes.setUint32(4, this.below(2 ** 32));
    const value = this.pick<number | bigint | boolean | string | Uint8Array<ArrayBuffer>>([
      this.below(1000) - 500,
      bytes.getInt32(0),
      bytes.getFloat64(0),
      bytes.getFloat32(0),
      bytes.getBigInt64(0),
      bytes.getBigUint64(0) >> BigInt(this.below(64)),
      Math.trunc(bytes.getFloat64(0)),
      2 ** this.below(1024),
      this.pick([NaN, Infinity, -Infinity, 0, -0, true, false, 0n]),
      this.#words(),
      new Uint8Array(bytes.buffer),
    ]);
    const span = { start: 0, end: 0 };
    if (value instanceof Uint8Array) return { kind: "bytes", value, ...span };
    if (typeof value === "string") return { kind: "text", value, ...span };
    if (typeof value === "boolean") return { kind: "boolean", value, ...span };
    return { kind: "number", value, ...span };
  }
}
