/** The connections that this process makes, led over a relay that can cut them. */
import { Kind } from "../../gmp/frames/frame.ts";

const PREFACE_BYTES = 4;
const HEADER_BYTES = 12;

/** A connection that goes over the relay. */
class RelayedConnection {
  /** CALLs that were sent to the side that was dialled. */
  calls = 0;
  #header = new Uint8Array(HEADER_BYTES);
  #filled = 0;
  #skip = PREFACE_BYTES;

  /** Between the side that dialled `port` and the side that has it. */
  constructor(readonly port: number, readonly near: Deno.TcpConn, readonly far: Deno.TcpConn) {
    near.setNoDelay(true);
    far.setNoDelay(true);
  }

  /** Leads bytes both ways until either side closes, then closes the other. */
  async run(): Promise<void> {
    await Promise.all([
      lead(this.near, this.far, (bytes) => this.#count(bytes)),
      lead(this.far, this.near, () => {}),
    ]);
  }

  /** Closes both sides. */
  cut(): void {
    for (const side of [this.near, this.far]) close(side);
  }

  #count(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
        continue;
      }
      this.#header[this.#filled++] = bytes[at++]!;
      if (this.#filled < HEADER_BYTES) continue;
      this.#filled = 0;
      this.#skip = new DataView(this.#header.buffer).getUint32(0, true);
      if (this.#header[4] === Kind.CALL) this.calls++;
    }
  }
}

/** Leads every connection that is made from its making to its disposal. */
export class Relay implements Disposable {
  /** Those that are open, in the order in which they were made. */
  readonly open = new Set<RelayedConnection>();
  /** CALLs on connections that were closed. */
  #calls = 0;
  readonly #original = Deno.connect;
  readonly #connect: (options: Deno.ConnectOptions) => Promise<Deno.TcpConn> = Deno.connect;

  constructor() {
    Deno.connect = ((options: Deno.ConnectOptions) => this.#lead(options)) as typeof Deno.connect;
  }

  /** CALLs that were sent over any connection. */
  get calls(): number {
    return [...this.open].reduce((sum, one) => sum + one.calls, this.#calls);
  }

  /** Those that calls were sent over: the sessions of callers. */
  get sessions(): RelayedConnection[] {
    return [...this.open].filter(({ calls }) => calls > 0);
  }

  /** Those to `port`. */
  to(port: number): RelayedConnection[] {
    return [...this.open].filter((one) => one.port === port);
  }

  [Symbol.dispose](): void {
    Deno.connect = this.#original;
  }

  async #lead(options: Deno.ConnectOptions): Promise<Deno.TcpConn> {
    const far = await this.#connect(options);
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [dialled, near] = await Promise.all([
      this.#connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    const connection = new RelayedConnection(options.port, near, far);
    this.open.add(connection);
    connection.run().then(() => {
      this.open.delete(connection);
      this.#calls += connection.calls;
    });
    return dialled;
  }
}

async function lead(from: Deno.TcpConn, to: Deno.TcpConn, see: (bytes: Uint8Array) => void): Promise<void> {
  const buffer = new Uint8Array(1 << 16);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) break;
      see(buffer.subarray(0, count));
      for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
    }
  } catch {
    // Cut, or closed by the other direction.
  }
  close(from);
  close(to);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
