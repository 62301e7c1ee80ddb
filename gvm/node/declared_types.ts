import type { ArgumentOf, NumberType, ValueOf } from "../../gmp/types/value_types.ts";

/**
 * `S` without spaces at its ends.
 *
 * @internal
 */
export type Trim<S extends string> = S extends ` ${infer Rest}` ? Trim<Rest>
  : S extends `${infer Rest} ` ? Trim<Rest>
  : S;

/**
 * An array as long as `Mark` is often in `S`.
 *
 * @internal
 */
type Count<S extends string, Mark extends string, Found extends 0[] = []> = S extends
  `${string}${Mark}${infer Rest}` ? Count<Rest, Mark, [...Found, 0]>
  : Found;

/**
 * Whether each bracket of `S` has its counterpart.
 *
 * @internal
 */
type IsBalanced<S extends string> = [Count<S, "<">, Count<S, "{">, Count<S, "(">] extends
  [Count<S, ">">, Count<S, "}">, Count<S, ")">] ? true : false;

/**
 * The parts of `S` between the commas that are in no brackets.
 *
 * @internal
 */
export type Split<S extends string, Parts extends string[] = [], Open extends string = ""> = S extends
  `${infer Head},${infer Tail}`
  ? IsBalanced<`${Open}${Head}`> extends true ? Split<Tail, [...Parts, Trim<`${Open}${Head}`>]>
  : Split<Tail, Parts, `${Open}${Head},`>
  : Trim<`${Open}${S}`> extends "" ? Parts
  : [...Parts, Trim<`${Open}${S}`>];

/**
 * The typed arrays of lists of numbers.
 *
 * @internal
 */
interface NumberLists {
  readonly s8: Int8Array;
  readonly u8: Uint8Array;
  readonly s16: Int16Array;
  readonly u16: Uint16Array;
  readonly s32: Int32Array;
  readonly u32: Uint32Array;
  readonly s64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/**
 * The values of WIT's primitives.
 *
 * @internal
 */
interface Primitives {
  readonly bool: boolean;
  readonly s8: number;
  readonly u8: number;
  readonly s16: number;
  readonly u16: number;
  readonly s32: number;
  readonly u32: number;
  readonly s64: bigint;
  readonly u64: bigint;
  readonly f32: number;
  readonly f64: number;
  readonly char: string;
  readonly string: string;
}

/**
 * What a function returns of the type with that text, in WIT or of a core module; `unknown` if it is not that simple.
 *
 * @internal
 */
type DeclaredValue<Text extends string> = Text extends NumberType ? ValueOf<Text>
  : Text extends keyof Primitives ? Primitives[Text]
  : Text extends `list<${infer Element}>`
    ? Trim<Element> extends keyof NumberLists ? NumberLists[Trim<Element>] : DeclaredValue<Trim<Element>>[]
  : Text extends `option<option<${string}` ? unknown
  : Text extends `option<${infer Some}>` ? DeclaredValue<Trim<Some>> | undefined
  : Text extends `tuple<${infer Parts}>` ? DeclaredValues<Split<Parts>>
  : unknown;

/**
 * A value for each type.
 *
 * @internal
 */
export type DeclaredValues<List extends readonly string[]> = {
  [Index in keyof List]: DeclaredValue<List[Index]>;
};

/**
 * What a function takes for a parameter with that text, perhaps behind its name.
 *
 * @internal
 */
export type DeclaredArgument<Text extends string> = Text extends NumberType ? ArgumentOf<Text>
  : Text extends `${infer Name}:${infer Type}`
    ? IsBalanced<Name> extends true ? DeclaredArgument<Trim<Type>> : unknown
  : Text extends `list<${infer Element}>` ? Trim<Element> extends keyof NumberLists ?
        | NumberLists[Trim<Element>]
        | readonly Primitives[Trim<Element>][]
        | (Trim<Element> extends "u8" ? string : never)
    : readonly DeclaredArgument<Trim<Element>>[]
  : DeclaredValue<Text>;

/**
 * What a function returns whose text says this behind the arrow: of a `result` what is `ok`.
 *
 * @internal
 */
export type DeclaredReturn<Text extends string> = Text extends "result" | `result<_${string}` ? undefined
  : Text extends `result<${infer Parts}>`
    ? Split<Parts> extends [infer Ok extends string, ...string[]] ? DeclaredValue<Ok>
    : unknown
  : DeclaredValue<Text>;
