// What a Transport must do, over streams of libp2p.
import { StreamTransport } from "../../../../gpmd/link/engine/stream_transport.ts";
import { transportSuite } from "../../../gmp/transport_suite.ts";
import { streamMaker } from "./_streams.ts";

let maker: ReturnType<typeof streamMaker> | undefined;
/** The nodes of libp2p live from the first of these tests until the last, and have timers. */
const UNSANITIZED = { sanitizeOps: false, sanitizeResources: false };

transportSuite("libp2p", async () => {
  const [one, other] = await (await (maker ??= streamMaker())).next();
  return [new StreamTransport(one), new StreamTransport(other)];
}, UNSANITIZED);

Deno.test("the nodes of these tests end", UNSANITIZED, async () => {
  await (await maker)?.[Symbol.asyncDispose]();
});
