// What the project uses of @std/fmt 1; the implementation is npm's deno-std.

export interface FormatOptions {
  bits?: boolean;
  binary?: boolean;
  signed?: boolean;
  locale?: boolean | string | string[];
  minimumFractionDigits?: number;
  maximumFractionDigits?: number;
}

/** `format(1337)` is `"1.34 kB"`. */
export function format(num: number, options?: FormatOptions): string;
