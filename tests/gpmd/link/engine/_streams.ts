/** Pairs of libp2p's streams between two nodes in this process. */
import type { Stream } from "@libp2p/interface";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { startLibp2p } from "../../../../gpmd/link/engine/_libp2p.ts";

const PROTOCOL = "/ghost/test/1";

/** Two connected nodes, which make streams between them until they are stopped. */
export async function streamMaker(): Promise<{ next(): Promise<[Stream, Stream]> } & AsyncDisposable> {
  const [one, other] = await Promise.all(
    [1, 2].map(async () =>
      await startLibp2p({
        privateKey: await generateKeyPair("Ed25519"),
        listen: { hostname: "127.0.0.1", port: 0 },
        connectionGater: { denyDialMultiaddr: () => false },
      })
    ),
  );
  const accepted: Stream[] = [];
  let changed = Promise.withResolvers<void>();
  await other!.handle(PROTOCOL, (stream) => {
    accepted.push(stream);
    changed.resolve();
    changed = Promise.withResolvers();
  }, { maxInboundStreams: 1000 });
  const connection = await one!.dial(other!.getMultiaddrs());
  return {
    async next() {
      const opened = await connection.newStream([PROTOCOL], { maxOutboundStreams: 1000 });
      // The other side has it as soon as it has agreed on the protocol, which may be after this side.
      while (accepted.length === 0) await changed.promise;
      return [opened, accepted.shift()!];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([one!.stop(), other!.stop()]);
    },
  };
}
