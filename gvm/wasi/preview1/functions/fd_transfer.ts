import type { Context, Functions } from "../context.ts";
import type { OpenFile, OpenInput, OpenOutput } from "../descriptors.ts";
import { ERRNO, fail } from "../../host/errno.ts";
import { FD_FLAGS, WHENCE } from "../flags.ts";
import type { Buffers } from "../memory.ts";
import { toSafeInteger } from "../../files/offset.ts";
import { RIGHTS } from "../rights.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import { writePieces } from "../../host/write_pieces.ts";

/** The largest `size`, which the count of bytes written must fit. */
const MAX_SIZE = 2 ** 32 - 1;

/** The functions of `wasi_snapshot_preview1.witx` that move bytes and offsets: `fd_read` and its like. */
export function fdTransferFunctions({ memory, descriptors, waits }: Context): Functions {
  function readFile(file: OpenFile, offset: number, buffers: Buffers): number {
    let total = 0;
    for (const { pointer, length } of buffers.ranges) {
      const count = file.inode.read(offset + total, memory.bytes(pointer, length));
      total += count;
      if (count < length) break;
    }
    return total;
  }

  function writeFile({ inode }: OpenFile, offset: number, buffers: Buffers): number {
    if (buffers.length === 0) return 0;
    // All or nothing: with room made for the whole, no part can fail.
    inode.extend(offset + buffers.length);
    let at = offset;
    for (const { pointer, length } of buffers.ranges) {
      inode.write(at, memory.bytes(pointer, length));
      at += length;
    }
    return buffers.length;
  }

  function readInput({ stream, flags }: OpenInput, buffers: Buffers, result: number): void | Promise<void> {
    const take = () =>
      memory.setUint32(result, memory.fill(buffers, (into, total) => stream.read(into, total > 0)));
    if (buffers.length === 0 || stream.readable() !== undefined) return take();
    if ((flags & FD_FLAGS.NONBLOCK) !== 0) {
      return waits.afterTurn(() => stream.readable() === undefined ? fail(ERRNO.AGAIN) : take());
    }
    return waits.run((signal) => stream.wait(signal)).then(take);
  }

  /** Writes all of `buffers`, however long that takes: some programs do not check how much was written. */
  function writeOutput({ stream }: OpenOutput, buffers: Buffers, result: number): void | Promise<void> {
    if (buffers.length > MAX_SIZE) fail(ERRNO.INVAL);
    const pieces = memory.pieces(buffers, MAX_PIECE);
    // Last, since the result may overwrite the bytes being written.
    const written = () => memory.setUint32(result, buffers.length);
    const pause = writePieces(stream, pieces, waits);
    return pause === undefined ? written() : pause.then(written);
  }

  function seek(fd: number, delta: bigint, whence: number, result: number): void {
    const stays = delta === 0n && whence === WHENCE.CUR;
    const file = descriptors.file(fd, 0);
    const sufficient = stays ? RIGHTS.FD_SEEK | RIGHTS.FD_TELL : RIGHTS.FD_SEEK;
    if ((file.rights & sufficient) === 0) fail(ERRNO.NOTCAPABLE);
    memory.check(result, 8);
    const offset = BigInt(origin(file, whence)) + delta;
    if (offset < 0n) fail(ERRNO.INVAL);
    if (offset > Number.MAX_SAFE_INTEGER) fail(ERRNO.OVERFLOW);
    file.offset = Number(offset);
    memory.setUint64(result, offset);
  }

  return {
    /**
     * `fd_read`: reads at the descriptor's offset, or from standard input, waiting until there is something.
     */
    fd_read(fd: number, iovecs: number, count: number, result: number): void | Promise<void> {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === "directory") fail(ERRNO.ISDIR);
      descriptors.require(fd, RIGHTS.FD_READ);
      const buffers = memory.buffers(iovecs, count);
      memory.check(result, 4);
      if (descriptor.kind === "input") return readInput(descriptor, buffers, result);
      const file = descriptors.file(fd, 0);
      const total = readFile(file, file.offset, buffers);
      file.offset += total;
      memory.setUint32(result, total);
    },

    /** `fd_pread`: reads at an offset, without moving the descriptor's own. */
    fd_pread(fd: number, iovecs: number, count: number, offset: bigint, result: number): void {
      const file = descriptors.file(fd, RIGHTS.FD_READ | RIGHTS.FD_SEEK);
      const buffers = memory.buffers(iovecs, count);
      memory.check(result, 4);
      memory.setUint32(result, readFile(file, toSafeInteger(offset), buffers));
    },

    /** `fd_write`: writes at the descriptor's offset, at the end with `append`, or to a standard stream. */
    fd_write(fd: number, ciovecs: number, count: number, result: number): void | Promise<void> {
      const descriptor = descriptors.get(fd);
      if (descriptor.kind === "directory") fail(ERRNO.ISDIR);
      descriptors.require(fd, RIGHTS.FD_WRITE);
      const buffers = memory.buffers(ciovecs, count);
      memory.check(result, 4);
      if (descriptor.kind === "output") return writeOutput(descriptor, buffers, result);
      const file = descriptors.file(fd, 0);
      const offset = (file.flags & FD_FLAGS.APPEND) !== 0 ? file.inode.size : file.offset;
      const total = writeFile(file, offset, buffers);
      file.offset = offset + total;
      memory.setUint32(result, total);
    },

    /** `fd_pwrite`: writes at an offset, without moving the descriptor's own. */
    fd_pwrite(fd: number, ciovecs: number, count: number, offset: bigint, result: number): void {
      const file = descriptors.file(fd, RIGHTS.FD_WRITE | RIGHTS.FD_SEEK);
      const buffers = memory.buffers(ciovecs, count);
      memory.check(result, 4);
      memory.setUint32(result, writeFile(file, toSafeInteger(offset), buffers));
    },

    /** `fd_seek`: moves the descriptor's offset, past the end of the file too. */
    fd_seek(fd: number, delta: bigint, whence: number, result: number): void {
      seek(fd, BigInt.asIntN(64, delta), whence, result);
    },

    /** `fd_tell`: the descriptor's offset. */
    fd_tell(fd: number, result: number): void {
      seek(fd, 0n, WHENCE.CUR, result);
    },
  };
}

/** The offset that a seek starts from. */
function origin(file: OpenFile, whence: number): number {
  switch (whence) {
    case WHENCE.SET:
      return 0;
    case WHENCE.CUR:
      return file.offset;
    case WHENCE.END:
      return file.inode.size;
    default:
      return fail(ERRNO.INVAL);
  }
}
