// Types of greeter@v0.0.1, SHA-256 70e0e9eb0021af0ada49405e065125dd0449baebbe07267c337637bbab0966bb, written by gpmd wasm types.
import type { Resource } from "@ghost/network";

export interface Person {
  name: string;
  age: number;
  email?: string | undefined;
  tags: string[];
  balance: number;
}

export type Shape = { tag: "circle"; val: number } | { tag: "rect"; val: [number, number] } | {
  tag: "empty";
};

/** The resource `counter`. */
export interface Counter extends Resource {
  next(): Promise<number>;
}

/** ghost:demo/greeter@1.0.0. */
export interface Greeter {
  counter(start: number): Promise<Counter>;
  "counter.merge"(a: Counter, b: Counter): Promise<Counter>;
  greet(name: string): Promise<string>;
  birthday(p: Person): Promise<Person>;
  /** @throws {GhostError} `FUNCTION_FAILED`. */
  area(s: Shape): Promise<number>;
  size(data: Uint8Array | readonly number[] | string): Promise<number>;
  sum(xs: Uint32Array | readonly number[]): Promise<bigint>;
}

/** What `payload` is after `FUNCTION_FAILED`, by function of {@linkcode Greeter}. */
export interface GreeterFailures {
  area: string;
}
