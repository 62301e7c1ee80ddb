/**
 * Somebody in the network who is paired with nobody, with all permissions: `hold HOST PER_PORT PORT…` opens that many connections
 * at once and keeps them, `keep HOST PER_SECOND PORT…` opens more and more; both until the input ends. `knock HOST PEER` tries to get
 * in at the link in every way, and prints a line of JSON with what came of each.
 */
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { multiaddr } from "@multiformats/multiaddr";
import { PROTOCOLS } from "../../gpmd/link/engine/endpoint.ts";
import { startLibp2p } from "../../gpmd/link/engine/_libp2p.ts";
import { makeCertificate } from "../../gpmd/link/pipes/lane_certificate.ts";

const say = (line: unknown) => console.log(JSON.stringify(line));

/** Opens a connection that stays; some say a little first, of libp2p's or of TLS's. */
async function open(hostname: string, port: number, nth: number): Promise<void> {
  try {
    const connection = await Deno.connect({ hostname, port });
    if (nth % 3 === 1) await connection.write(new TextEncoder().encode("\x13/multistream/1.0.0\n"));
    if (nth % 3 === 2) await connection.write(Uint8Array.of(22, 3, 1));
  } catch {
    // It was closed at once.
  }
}

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
  const [what, host, count, ...ports] = Deno.args as [string, string, string, ...string[]];
  if (what === "knock") {
    const noise = crypto.getRandomValues(new Uint8Array(2000));
    const own = await makeCertificate();
    say({
      rawAtLink: await bytesFor(host, 5990, noise),
      rawAtLane: await bytesFor(host, 5991, noise),
      withoutCertificate: await bytesOverTls(host, {}),
      withOwnCertificate: await bytesOverTls(host, { cert: own.pem, key: own.key }),
      protocols: await protocolsFor(host, count),
    });
    Deno.exit(0);
  }
  const end = new Response(Deno.stdin.readable).text();
  if (what === "hold") {
    const all = ports.flatMap((port) =>
      Array.from({ length: Number(count) }, (_, i) => open(host, Number(port), i))
    );
    await Promise.all(all);
  } else {
    let nth = 0;
    setInterval(() => ports.forEach((port) => open(host, Number(port), nth++)), 1000 / Number(count));
  }
  say({ open: true });
  await end;
  Deno.exit(0);
}
