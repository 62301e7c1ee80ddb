/** A stretch of a text: offsets in UTF-16 units, `end` exclusive. */
export interface WaveSpan {
  /** Where it begins. */
  readonly start: number;
  /** Where it ends. */
  readonly end: number;
}

/** A name in a text, without its `%`; the span includes it. */
export interface WaveName extends WaveSpan {
  /** The name. */
  readonly name: string;
}

/** A field of a record as it is written. */
export interface WaveField {
  /** Its name. */
  readonly key: WaveName;
  /** Its value. */
  readonly item: WaveNode;
}

/**
 * A value as it is written, before its type is known (WAVE, "Encoding"). The type says what it means: `[1, 2]` may be a
 * list of any integers, `left` a case or the name of a resource, `{}` flags.
 */
export type WaveNode =
  & WaveSpan
  & (
    /** `true`, `false` */
    | { readonly kind: "boolean"; readonly value: boolean }
    /** A number; `foreign` if it is written as JavaScript does, and not WAVE: `NaN`, `Infinity`. */
    | { readonly kind: "number"; readonly value: number | bigint; readonly foreign?: true }
    /** Text in double or single quotes, or between three double quotes; `foreign` with escapes that WAVE has not. */
    | { readonly kind: "text"; readonly value: string; readonly foreign?: true }
    /** `b"\x00abc"` */
    | { readonly kind: "bytes"; readonly value: Uint8Array<ArrayBuffer> }
    /** `@photo.jpg`: the bytes of that file. */
    | { readonly kind: "file"; readonly path: string }
    /** `left`, `rect((2, 3))`, `%none`: `escaped` if it was written with `%`. */
    | {
      readonly kind: "label";
      readonly name: string;
      readonly escaped: boolean;
      readonly payload?: WaveNode;
    }
    /** `[1, 2]` */
    | { readonly kind: "list"; readonly items: readonly WaveNode[] }
    /** `(1, "a")` */
    | { readonly kind: "tuple"; readonly items: readonly WaveNode[] }
    /** `{name: "Ada"}`, `{:}` */
    | { readonly kind: "record"; readonly fields: readonly WaveField[] }
    /** `{read, write}`, `{}` */
    | { readonly kind: "flags"; readonly flags: readonly WaveName[] }
  );

/** A way from a value to one of its parts. */
export type WaveStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "item"; readonly index: number }
  | { readonly kind: "case"; readonly name: string };

/** A word that is being written, or could be: for completion. */
export interface WaveHole {
  /** What belongs there: a value; a field or a flag; the path of a file. */
  readonly kind: "value" | "key" | "file";
  /** The way from the whole value to it. */
  readonly steps: readonly WaveStep[];
  /** The fields or flags that are written before it, for a key. */
  readonly seen: readonly string[];
  /** Where it begins. */
  readonly start: number;
  /** Where it ends. */
  end: number;
}
