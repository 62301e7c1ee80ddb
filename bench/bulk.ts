/** Many bytes over a connection, read and thrown away: eight bytes say how many follow, which one byte acknowledges. */

const HEAD = 8;
const CHUNK = 1 << 18;

/** Reads all that comes from `connection` until it ends. */
export async function drain(connection: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(CHUNK);
  const count = new BulkCount();
  for (;;) {
    const size = await connection.read(buffer);
    if (size === null) return connection.close();
    if (count.take(buffer.subarray(0, size))) await connection.write(new Uint8Array(1));
  }
}

/** Counts what comes. */
export class BulkCount {
  #left = 0;

  /** True when `bytes` are the last of those that were announced. */
  take(bytes: Uint8Array): boolean {
    if (this.#left === 0) {
      this.#left = HEAD + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    }
    this.#left -= bytes.length;
    return this.#left === 0;
  }
}

/** MB a second of sending so many with `write`, until `acknowledged` resolves. */
export async function send(
  megabytes: number,
  write: (bytes: Uint8Array) => Promise<number>,
  acknowledged: () => Promise<unknown>,
): Promise<[number]> {
  const chunk = new Uint8Array(CHUNK);
  const size = megabytes * 1_000_000;
  const head = new Uint8Array(HEAD);
  new DataView(head.buffer).setBigUint64(0, BigInt(size), true);
  const start = performance.now();
  await write(head);
  for (let sent = 0; sent < size;) sent += await write(chunk.subarray(0, size - sent));
  await acknowledged();
  return [megabytes / (performance.now() - start) * 1000];
}
