// What the project uses of @std/fmt 1; the implementation is npm's deno-std.

export interface FormatOptions {
  style?: "narrow" | "digital" | "full";
  ignoreZero?: boolean;
}

/** `format(1500, { ignoreZero: true })` is `"1s 500ms"`. */
export function format(ms: number, options?: FormatOptions): string;
