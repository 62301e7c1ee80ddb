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
  | { kind: "module" }
  | { kind: "version"; module: Name }
  | { kind: "function"; module: Name; version: Name | undefined }
  | { kind: "argument"; module: Name; version: Name | undefined; function: Name; index: number };

/** A part of a line that a person is filling in; its span is what is written there so far. */
export type Slot = SlotPurpose & Span;
