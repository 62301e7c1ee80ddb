/** What a {@linkcode PipeEnd} tells whoever has it. */
export interface EndReceiver {
  /** `chunk` has come; it is the receiver's. */
  bytes(chunk: Uint8Array): void;
  /** The other side sends nothing more. It may still take what we send. */
  ended(): void;
  /** There is room again, after {@linkcode PipeEnd.send} returned false. */
  drained(): void;
  /** It is over in both directions; with `error` it broke. Called once, last, also while paused. */
  closed(error?: Error): void;
}

/**
 * One end of a pipe: bytes in both directions, pushed. A promise for every 64-byte message and direction is what this
 * saves: sockets of `node:net` and `node:tls` have this shape, and so have streams of libp2p.
 *
 * It starts paused: nothing that comes is lost before there is a receiver.
 */
export interface PipeEnd {
  /** From now on `receiver` is told, and nobody else; at once if it has closed already. */
  receive(receiver: EndReceiver): void;
  /**
   * Sends `bytes`, which are the end's from now on. False when the sender must wait for `drained`; what it sends
   * meanwhile is kept. Of an end that has closed nothing is sent.
   */
  send(bytes: Uint8Array): boolean;
  /** Ends our direction after what was sent. */
  end(): void;
  /** Ends both directions at once. Twice does nothing. */
  abort(): void;
  /** Neither `bytes` nor `ended` until `resume`: what the other side sends waits there, but for some 100 KB. */
  pause(): void;
  /** Lets come what there is. */
  resume(): void;
}
