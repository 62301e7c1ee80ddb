import type {
  MessageStream,
  Stream,
  StreamMessageEvent,
  StreamMuxer,
  StreamMuxerFactory,
} from "@libp2p/interface";
import { FrameWatch } from "./_frame_watch.ts";
import { dropUnread, unreadOf } from "./_stream_reader.ts";

/** Bytes of all streams of all connections that may wait to be read; beyond it the fullest of whoever has most is reset. */
const MAX_UNREAD = 1 << 27;
/** Bytes that come between two looks at that. */
const LOOK_INTERVAL = 1 << 20;
/**
 * Bytes of yamux's own frames that may wait to be sent on one connection; beyond it the other side does not read what it is
 * answered. What streams have to send waits with them, and their writers wait, too.
 */
const MAX_UNSENT = 1 << 24;

/** Bounds of {@linkcode watched} other than {@linkcode MAX_UNREAD} and {@linkcode MAX_UNSENT}, in bytes. */
interface Bounds {
  readonly mostUnread?: number;
  readonly mostUnsent?: number;
}

/**
 * `factory`, whose connections end when the other side makes too much of yamux's own frames (see `FrameWatch`), or does
 * not read what they are answered with. yamux bounds what waits on each stream; here their sum
 * is bounded.
 */
export function watched(
  factory: StreamMuxerFactory,
  { mostUnread = MAX_UNREAD, mostUnsent = MAX_UNSENT }: Bounds = {},
): StreamMuxerFactory {
  const all = new Set<WatchedStreams>();
  let come = 0;
  return {
    protocol: factory.protocol,
    createStreamMuxer(connection: MessageStream): StreamMuxer {
      const watch = new FrameWatch();
      // This listener is before the muxer's, so that it gets nothing of what ends the connection.
      connection.addEventListener("message", (event: StreamMessageEvent) => {
        try {
          for (const bytes of chunksOf(event)) watch.take(bytes);
          if (connection.writeBufferLength > mostUnsent) throw new Error("It does not read its answers");
        } catch (error) {
          event.stopImmediatePropagation();
          connection.abort(error as Error);
        }
      });
      const muxer = factory.createStreamMuxer(connection);
      const streams = new WatchedStreams(muxer);
      all.add(streams);
      connection.addEventListener("close", () => {
        streams.end();
        relieve(all, mostUnread); // which forgets it
      });
      let opened = 0;
      connection.addEventListener("message", ({ data }: StreamMessageEvent) => {
        if (watch.opened !== opened) streams.add();
        opened = watch.opened;
        come += data.byteLength;
        if (come < LOOK_INTERVAL) return;
        come = 0;
        relieve(all, mostUnread);
      });
      return muxer;
    },
  };
}

/** The streams of one connection, with those that have ended and hold something still. */
class WatchedStreams {
  readonly #muxer: StreamMuxer;
  readonly #streams = new Set<Stream>();
  #hasEnded = false;

  constructor(muxer: StreamMuxer) {
    this.#muxer = muxer;
  }

  /** Whether there is nothing to watch any more. */
  get isOver(): boolean {
    return this.#hasEnded && this.#streams.size === 0;
  }

  /** There may be new ones. */
  add(): void {
    for (const stream of this.#muxer.streams) this.#streams.add(stream);
  }

  /** The connection has ended. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Bytes that wait to be read, also on streams that this side has opened. */
  unread(): number {
    this.add();
    let sum = 0;
    for (const stream of this.#streams) {
      const size = unreadOf(stream);
      sum += size;
      if (size === 0 && stream.status !== "open" && stream.status !== "closing") this.#streams.delete(stream);
    }
    return sum;
  }

  /** Resets the one that holds most. */
  resetFullest(): void {
    const fullest = [...this.#streams].reduce((most, one) => unreadOf(one) > unreadOf(most) ? one : most);
    this.#streams.delete(fullest);
    dropUnread(fullest, new Error("Too much waits to be read"));
  }
}

/** Resets streams of the connections that hold most until all together hold no more than `mostUnread` bytes. */
function relieve(all: Set<WatchedStreams>, mostUnread: number): void {
  for (;;) {
    let sum = 0;
    let most = { size: 0, streams: undefined as WatchedStreams | undefined };
    for (const streams of all) {
      const size = streams.unread();
      if (streams.isOver) all.delete(streams);
      sum += size;
      if (size > most.size) most = { size, streams };
    }
    if (sum <= mostUnread) return;
    most.streams!.resetFullest();
  }
}

function chunksOf({ data }: StreamMessageEvent): Iterable<Uint8Array> {
  return data instanceof Uint8Array ? [data] : data;
}
