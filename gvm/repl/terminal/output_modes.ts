import type { OutputStream } from "../../engine/output.ts";

const ESCAPE = 0x1b;
/** Shift out: what follows is line drawing. */
const SHIFT_OUT = 0x0e;
/** Bytes of output that are kept to find a sequence that goes on in the next piece. */
const KEPT = 32;
/** Most private modes that are told apart; what sets more is no program but noise. */
const MODES_LIMIT = 64;

/**
 * What is undone after any escape sequence: one that has not ended (CAN), colours, a link, another alphabet, a hidden cursor, no
 * wrapping, inserting, and other codes for the keys.
 */
const ALWAYS = "\x18\x1b[0m\x1b]8;;\x1b\\\x1b(B\x0f\x1b[?25h\x1b[?7h\x1b[4l\x1b[?1l\x1b>";
/** Sequences that are undone where they were used, and how: a scrolling region, the palette, and protocols for keys. */
const UNDONE = [
  // deno-lint-ignore no-control-regex
  [/\x1b\[\d*;\d*r/, "\x1b[r\x1b[999;1H"],
  // deno-lint-ignore no-control-regex
  [/\x1b\](4|1[0-2]);/, "\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07"],
  // deno-lint-ignore no-control-regex
  [/\x1b\[[>=][\d;]*u/, "\x1b[<99u\x1b[=0u"],
  // deno-lint-ignore no-control-regex
  [/\x1b\[>4;?\d*m/, "\x1b[>4m"],
] as const;
// deno-lint-ignore no-control-regex
const PRIVATE_MODES = /\x1b\[\?([\d;]+)h/g;
/** Modes that are on at a prompt. */
const USUAL: ReadonlySet<string> = new Set(["7", "25"]);

/** Watches what a module prints, and undoes what its escape sequences have done to the terminal. */
export class OutputModes {
  #hasEscapes = false;
  readonly #modes = new Set<string>();
  readonly #undo = new Set<string>();
  readonly #rests = new Map<OutputStream, string>();
  readonly #decoder = new TextDecoder("latin1");

  /** Takes note of a piece of output. */
  saw(bytes: Uint8Array, stream: OutputStream): void {
    const before = this.#rests.get(stream) ?? "";
    if (before === "" && !bytes.includes(ESCAPE) && !bytes.includes(SHIFT_OUT)) return;
    this.#hasEscapes = true;
    const text = before + this.#decoder.decode(bytes);
    for (const [, modes] of text.matchAll(PRIVATE_MODES)) {
      for (const mode of modes!.split(";")) {
        if (!USUAL.has(mode) && this.#modes.size < MODES_LIMIT) this.#modes.add(mode);
      }
    }
    for (const [pattern, undo] of UNDONE) if (pattern.test(text)) this.#undo.add(undo);
    const rest = text.slice(-KEPT);
    this.#rests.set(stream, rest.includes("\x1b") ? rest : "");
  }

  /** What makes the terminal itself again, to be written to it; empty if nothing has changed it. */
  restore(): string {
    if (!this.#hasEscapes) return "";
    const modes = [...this.#modes].map((mode) => `\x1b[?${mode}l`);
    const text = ALWAYS + modes.join("") + [...this.#undo].join("");
    this.#hasEscapes = false;
    this.#modes.clear();
    this.#undo.clear();
    this.#rests.clear();
    return text;
  }
}
