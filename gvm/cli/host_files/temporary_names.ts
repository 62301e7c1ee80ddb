/**
 * The names of what a write-back puts beside the files of a directory. All begin with `.gvm-` and the
 * write-back's own random number. A guest can neither see nor make such names.
 */
const PATTERN = /^\.gvm-([0-9a-f]{16})(-\d+|-\d+\.old|\.redo|\.undo|\.draft)$/;

/** The meaning of a temporary name. */
interface TemporaryName {
  /** The write-back's number. */
  readonly id: string;
  /** Something new, something that was replaced, a journal (`redo`, `undo`), or an unfinished journal. */
  readonly kind: "new" | "old" | "redo" | "undo" | "draft";
}

/** The meaning of `name`, if it is a write-back's. */
export function temporaryName(name: string): TemporaryName | undefined {
  const [, id, rest] = PATTERN.exec(name) ?? [];
  if (id === undefined) return undefined;
  const kind = rest!.endsWith(".old") ? "old" : rest!.startsWith("-") ? "new" : rest!.slice(1);
  return { id, kind: kind as TemporaryName["kind"] };
}

/** A new write-back's number. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

/** True for a valid write-back number. */
export function isId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id);
}

/** The temporary name of the `n`-th new thing. */
export function newName(id: string, n: number): string {
  return `.gvm-${id}-${n}`;
}

/** The temporary name of what the `n`-th new thing replaces. */
export function oldName(id: string, n: number): string {
  return `${newName(id, n)}.old`;
}

/** The name of a journal, or of its draft. */
export function journalName(id: string, kind: "redo" | "undo" | "draft"): string {
  return `.gvm-${id}.${kind}`;
}
