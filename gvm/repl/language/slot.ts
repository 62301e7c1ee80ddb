import type { WaveHole } from "../../../gmp/types/wave/wave_node.ts";
import type { Name, Span } from "./syntax.ts";

/** What belongs in a slot. */
export type SlotPurpose =
  /** The start of a line: a command or a module. */
  | { kind: "line" }
  /** After `Node.` */
  | { kind: "command" }
  /** After `help` */
  | { kind: "topic" }
  | { kind: "node"; command: "connect" | "disconnect" | "run" }
  /** After `.load ` */
  | { kind: "file" }
  | { kind: "module" }
  | { kind: "version"; module: Name }
  | { kind: "function"; module: Name; version: Name | undefined; within?: Name[] }
  | {
    kind: "argument";
    module: Name;
    version: Name | undefined;
    within?: Name[];
    function: Name;
    index: number;
    /** The word of the value that is being written. */
    hole?: WaveHole | undefined;
  }
  /** In `drop(` */
  | { kind: "handle" };

/** A part of a line that a person is filling in; its span is what is written there so far. */
export type Slot = SlotPurpose & Span;
