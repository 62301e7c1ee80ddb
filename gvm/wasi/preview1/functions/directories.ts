import type { Context, Functions } from "../context.ts";
import type { Directory } from "../../files/directory.ts";
import type { Inode } from "../../files/inode.ts";
import { RIGHTS } from "../rights.ts";
import { INODE_TYPE } from "./filestat.ts";

/** Bytes of the structure `dirent`, which the name follows. */
const DIRENT_BYTES = 24;

const encoder = new TextEncoder();

/** An entry as a guest sees it. */
interface Listed {
  readonly name: string;
  readonly inode: Inode;
  readonly position: number;
}

/** The function of `wasi_snapshot_preview1.witx` that lists a directory. */
export function directoryFunctions({ memory, descriptors }: Context): Functions {
  return {
    /**
     * `fd_readdir`: writes entries, each a `dirent` and its name, from the position `cookie` on until the
     * buffer is full; the last may be cut off: a completely full buffer means that there are more.
     */
    fd_readdir(fd: number, buffer: number, length: number, cookie: bigint, result: number): void {
      const { inode } = descriptors.directory(fd, RIGHTS.FD_READDIR);
      const target = memory.bytes(buffer, length);
      memory.check(result, 4);
      let used = 0;
      for (const entry of list(inode, cookie)) {
        if (used === length) break;
        const bytes = encodeEntry(entry).subarray(0, length - used);
        target.set(bytes, used);
        used += bytes.length;
      }
      memory.setUint32(result, used);
    },
  };
}

/** The entries of `directory` from the position `cookie` on, `.` and `..` being the first two. */
function* list(directory: Directory, cookie: bigint): Generator<Listed> {
  // Positions stay far below what a number can hold exactly.
  const first = Number(cookie);
  if (first <= 0) yield { name: ".", inode: directory, position: 0 };
  if (first <= 1) yield { name: "..", inode: directory.parent ?? directory, position: 1 };
  yield* directory.entries(first);
}

function encodeEntry({ name, inode, position }: Listed): Uint8Array {
  const encoded = encoder.encode(name);
  const bytes = new Uint8Array(DIRENT_BYTES + encoded.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(position + 1), true);
  view.setBigUint64(8, inode.number, true);
  view.setUint32(16, encoded.length, true);
  view.setUint8(20, INODE_TYPE[inode.type]);
  bytes.set(encoded, DIRENT_BYTES);
  return bytes;
}
