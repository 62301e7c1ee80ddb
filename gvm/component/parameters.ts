import { GhostError } from "../../gmp/errors.ts";
import type { NumberType } from "../../gmp/types/value_types.ts";
import { type CanonicalContext, giveBack } from "./canonical_context.ts";
import { type Codec, codecOf } from "./codec.ts";
import { concatFlat, recordLayout } from "./layout.ts";
import type { BorrowScope } from "./resources.ts";
import { ComponentTrap, isRefusal, rethrowAt } from "./trap.ts";
import { someType } from "./type_parts.ts";
import type { FunctionType } from "./types.ts";
import { Waitable } from "./waitable.ts";

/** How the parameters of a function pass: as core values, or if they are too many in memory. */
export interface ParametersCodec {
  /** The types of the core values. */
  readonly flat: readonly NumberType[];
  /** Whether they pass in memory. */
  readonly inMemory: boolean;
  /** Whether there are borrowed handles among them. */
  readonly borrows: boolean;
  /** Whether handles are added for them: owned or borrowed ones, streams, futures, contexts of errors. */
  readonly adds: boolean;
  /** Lowers `args` to `cx.values` (Canonical ABI, `lower_flat_values`). */
  lower(cx: CanonicalContext, args: readonly unknown[]): void;
  /** Lifts them from `cx.values` (Canonical ABI, `lift_flat_values`). */
  lift(cx: CanonicalContext): unknown[];
}

const ADDED: ReadonlySet<string> = new Set(["own", "borrow", "stream", "future", "error-context"]);

/** The codec of the parameters of `type`, of which at most `most` core values pass as such. */
export function parametersCodec({ parameters }: FunctionType, most: number): ParametersCodec {
  const names = parameters.map(({ name }) => name);
  const types = parameters.map(({ type }) => type);
  const codecs = types.map(codecOf);
  const borrows = someType(types, ({ kind }) => kind === "borrow");
  const adds = someType(types, ({ kind }) => ADDED.has(kind));
  const weight = codecs.reduce((sum, codec) => sum + 8 + codec.weight, 0);
  const flat = concatFlat(codecs);
  const common = { borrows, adds, inMemory: flat.length > most };
  return common.inMemory
    ? { ...common, flat: ["i32"], ...throughMemory(codecs, names, weight) }
    : { ...common, flat, ...asCoreValues(codecs, names, weight) };
}

/**
 * The core values of `args` in a call of `scope`, of a program's if `ofProgram`. Where they are refused, nothing is lent or
 * given, and streams among them end.
 *
 * @throws {UnfitValue} @throws {GhostError} see {@linkcode isRefusal}.
 */
export function lowerArguments(
  parameters: ParametersCodec,
  cx: CanonicalContext,
  args: readonly unknown[],
  scope: BorrowScope | undefined,
  ofProgram: boolean,
): (number | bigint)[] {
  cx.begin();
  const values: (number | bigint)[] = cx.values = [];
  cx.scope = scope;
  if (parameters.adds) cx.added = [];
  try {
    parameters.lower(cx, args);
  } catch (thrown) {
    const error = ofProgram ? ofArgument(thrown, cx) : thrown;
    if (isRefusal(error)) takeBack(cx);
    throw error;
  } finally {
    cx.added = undefined;
  }
  return values;
}

/** The error for what a getter of a program's argument has thrown, and not the guest's allocator, which has not returned then. */
function ofArgument(error: unknown, { instance }: CanonicalContext): unknown {
  if (error instanceof ComponentTrap || isRefusal(error) || !instance.mayLeave) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new GhostError("BAD_ARGUMENTS", `Cannot read the arguments: ${reason}`, { cause: error });
}

/** The guest could not have used what it was given: it was not called, or only to allocate, when it may call nothing. */
function takeBack(cx: CanonicalContext): void {
  for (const { index, given } of cx.added?.reverse() ?? []) {
    const entry = cx.instance.handles.remove(index);
    given?.keep();
    if (entry instanceof Waitable) entry.drop(); // who sends hears that nobody reads
  }
  if (cx.lent !== undefined) giveBack(cx.lent);
  cx.lent = undefined;
}

type Ways = Pick<ParametersCodec, "lower" | "lift">;

function asCoreValues(codecs: readonly Codec[], names: readonly string[], weight: number): Ways {
  const { length } = codecs;
  return {
    lower(cx, args) {
      let i = 0;
      try {
        for (; i < length; i++) codecs[i]!.lower(cx, args[i]);
      } catch (error) {
        rethrowAt(error, names[i]!);
      }
    },
    lift(cx) {
      cx.instance.store.charge(weight);
      const args = new Array(length);
      for (let i = 0; i < length; i++) args[i] = codecs[i]!.lift(cx);
      return args;
    },
  };
}

function throughMemory(codecs: readonly Codec[], names: readonly string[], weight: number): Ways {
  const { size, alignment, offsets } = recordLayout(codecs);
  return {
    lower(cx, args) {
      const at = cx.reallocate(0, 0, alignment, size);
      let i = 0;
      try {
        for (; i < codecs.length; i++) codecs[i]!.store(cx, args[i], at + offsets[i]!);
      } catch (error) {
        rethrowAt(error, names[i]!);
      }
      cx.values.push(at);
    },
    lift(cx) {
      const at = (cx.values[cx.next++] as number) >>> 0;
      cx.check(at, size, alignment);
      cx.instance.store.charge(weight);
      return codecs.map((codec, i) => codec.load(cx, at + offsets[i]!));
    },
  };
}
