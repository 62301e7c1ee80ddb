/**
 * Somebody in the network who is paired with nobody, with all permissions: tries to get in at the link of the device `PEER` at `HOST`,
 * its arguments, in every way, and prints a line of JSON with what came of each.
 */
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { multiaddr } from "@multiformats/multiaddr";
import { PROTOCOLS } from "../../gpmd/link/engine/endpoint.ts";
import { startLibp2p } from "../../gpmd/link/engine/_libp2p.ts";
import { makeCertificate } from "../../gpmd/link/pipes/lane_certificate.ts";

/** What a connection gets that sends `bytes`: how many bytes until it is closed. */
async function bytesFor(hostname: string, port: number, bytes: Uint8Array): Promise<number> {
  let size = 0;
  try {
    using connection = await Deno.connect({ hostname, port });
    await connection.write(bytes);
    const buffer = new Uint8Array(4096);
    for (let count; (count = await connection.read(buffer)) !== null;) size += count;
  } catch {
    // A reset ends it as well.
  }
  return size;
}

/** How many bytes the lane's server sends to whoever shows that certificate, or none, before it ends the connection. */
function bytesOverTls(host: string, options: ConnectionOptions): Promise<number> {
  return new Promise((resolve) => {
    let size = 0;
    const socket = connectTls({ host, port: 5991, rejectUnauthorized: false, ...options });
    socket.on("data", (chunk: Uint8Array) => size += chunk.length);
    socket.on("error", () => {});
    socket.on("close", () => resolve(size));
  });
}

/** The protocols that the link of `peer` lets a stranger speak over libp2p. */
async function protocolsFor(host: string, peer: string): Promise<string[]> {
  const node = await startLibp2p({
    privateKey: await generateKeyPair("Ed25519"),
    listen: { hostname: "0.0.0.0", port: 0 },
    connectionGater: { denyDialMultiaddr: () => false },
  });
  const spoken: string[] = [];
  for (const protocol of Object.values(PROTOCOLS)) {
    try {
      const connection = await node.dial(multiaddr(`/ip4/${host}/tcp/5990/p2p/${peer}`));
      const stream = await connection.newStream([protocol], { signal: AbortSignal.timeout(3000) });
      spoken.push(stream.protocol);
    } catch {
      // It was cut off.
    }
  }
  return spoken;
}

if (import.meta.main) {
  const [host, peer] = Deno.args as [string, string];
  const noise = crypto.getRandomValues(new Uint8Array(2000));
  const own = await makeCertificate();
  const outcomes = {
    rawAtLink: await bytesFor(host, 5990, noise),
    rawAtLane: await bytesFor(host, 5991, noise),
    withoutCertificate: await bytesOverTls(host, {}),
    withOwnCertificate: await bytesOverTls(host, { cert: own.pem, key: own.key }),
    protocols: await protocolsFor(host, peer),
  };
  console.log(JSON.stringify(outcomes));
  Deno.exit(0);
}
