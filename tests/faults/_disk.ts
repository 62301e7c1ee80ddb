/** What a disk may have after a power cut: all that was synced, and of the rest whatever the disk has made of it. */
import type { Operation } from "./_recorder.ts";

/** What became of a change that nothing had synced: lost, kept, or (of bytes) written by half or as zeros. */
export type Fate = "lost" | "kept" | "half" | "zeros";

/** The contents of the files by path, and the directories with `null`. */
export type Disk = Map<string, Uint8Array<ArrayBuffer> | null>;

/** The disk of a machine whose power was cut after `count` of the operations; `fate` is asked for each that was not synced. */
export function afterPowerCut(
  operations: readonly Operation[],
  count: number,
  fate: (operation: Operation) => Fate,
): Disk {
  const synced = syncedOperations(operations, count);
  const names = new Map<string, number>();
  const bytes = new Map<number, Uint8Array<ArrayBuffer> | null>();
  for (let i = 0; i < count; i++) {
    const operation = operations[i]!;
    const what = synced.has(i) ? "kept" : fate(operation);
    if (what !== "lost") apply(operation, what, names, bytes);
    else if (operation.kind === "create") bytes.set(operation.file, new Uint8Array(0)); // another name may be kept
  }
  const disk: Disk = new Map();
  for (const [path, file] of names) {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (directory === "" || names.has(directory)) disk.set(path, bytes.get(file) ?? null);
  }
  return disk;
}

/** The operations before `count` that a sync before `count` has made sure of. */
function syncedOperations(operations: readonly Operation[], count: number): Set<number> {
  const synced = new Set<number>();
  const files = new Map<number, number>();
  const directories = new Map<string, number>();
  for (let i = count - 1; i >= 0; i--) {
    const operation = operations[i]!;
    switch (operation.kind) {
      case "sync":
        files.set(operation.file, Math.max(files.get(operation.file) ?? 0, operation.upTo));
        break;
      case "syncDirectory":
        directories.set(operation.path, Math.max(directories.get(operation.path) ?? 0, operation.upTo));
        break;
      case "write":
      case "truncate":
        if (i < (files.get(operation.file) ?? 0)) synced.add(i);
        break;
      case "note":
        break;
      default: {
        const directory = operation.path.slice(0, Math.max(0, operation.path.lastIndexOf("/")));
        if (i < (directories.get(directory) ?? 0)) synced.add(i);
      }
    }
  }
  return synced;
}

function apply(
  operation: Operation,
  fate: Fate,
  names: Map<string, number>,
  bytes: Map<number, Uint8Array<ArrayBuffer> | null>,
): void {
  switch (operation.kind) {
    case "create":
    case "directory":
      names.set(operation.path, operation.file);
      bytes.set(operation.file, operation.kind === "create" ? new Uint8Array(0) : null);
      break;
    case "rename":
      names.delete(operation.path);
      names.set(operation.to, operation.file);
      break;
    case "link":
      names.set(operation.to, operation.file);
      break;
    case "remove":
      names.delete(operation.path);
      break;
    case "truncate":
      bytes.set(operation.file, resized(bytes.get(operation.file)!, operation.size));
      break;
    case "write": {
      const { file, offset, bytes: written } = operation;
      const length = fate === "half" ? written.length >> 1 : written.length;
      const before = bytes.get(file)!;
      const content = resized(before, Math.max(before.length, offset + length));
      if (fate !== "zeros") content.set(written.subarray(0, length), offset);
      bytes.set(file, content);
    }
  }
}

function resized(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(size);
  next.set(bytes.subarray(0, size));
  return next;
}
