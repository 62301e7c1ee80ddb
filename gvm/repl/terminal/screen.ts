import type { Size } from "./drawing.ts";

const encoder = new TextEncoder();

/** The terminal as something to draw on. */
export interface Screen {
  /** Its size; without bounds where there is no terminal, or none that tells them. */
  readonly size: Size;
  /** Writes text and escape sequences. */
  write(text: string): void;
}

/** Standard output. One that is gone is not written to: whoever reads the keys notices. */
export const STANDARD_SCREEN: Screen = {
  get size() {
    try {
      if (Deno.stdout.isTerminal()) return boundsOf(Deno.consoleSize());
    } catch {
      // It has just gone.
    }
    return { columns: Infinity, rows: Infinity };
  },
  write(text) {
    let rest = encoder.encode(text);
    try {
      while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    } catch {
      // It has gone.
    }
  },
};

/** A size of nothing is that of a terminal that has not told it, such as the one of `script` in a job of CI. */
function boundsOf({ columns, rows }: Size): Size {
  return { columns: columns || Infinity, rows: rows || Infinity };
}
