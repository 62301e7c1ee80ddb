/** A link without anything of ours: bytes between a connection on loopback and another process like this, both ways. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { makeCertificate } from "../../gpmd/link/pipes/lane_certificate.ts";
import { serveActions } from "../agent.ts";

const LOOPBACK = "127.0.0.1";

/** Listens, and joins each connection that comes with one that is dialled for it. */
type Relay = (
  listen: { host: string; port: number },
  dial: { host: string; port: number },
) => Promise<number>;

/** Between two relays TLS 1.3 of `node:tls`, on loopback `node:net`. */
async function tls(isNear: boolean): Promise<Relay> {
  const { pem, key } = await makeCertificate();
  return async (listen, dial) => {
    const join = (one: Socket) => {
      // Nobody is to be recognized here: what is measured comes after that.
      const other = isNear ? connectTls({ ...dial, rejectUnauthorized: false }) : connect(dial);
      for (const [from, to] of [[one, other], [other, one]] as const) {
        from.setNoDelay(true);
        from.on("data", (bytes: Uint8Array) => void to.write(bytes));
      }
    };
    const server: Server = isNear
      ? createServer(join)
      : createTlsServer({ cert: pem, key, minVersion: "TLSv1.3" }, join);
    server.listen(listen.port, listen.host);
    await once(server, "listening");
    return (server.address() as { port: number }).port;
  };
}

/** TCP everywhere, of Deno's own: what two further processes cost at least. */
const tcp: Relay = ({ host, port }, dial) => {
  const listener = Deno.listen({ hostname: host, port });
  (async () => {
    for await (const one of listener) {
      const other = await Deno.connect({ hostname: dial.host, port: dial.port });
      for (const [from, to] of [[one, other], [other, one]] as const) {
        from.setNoDelay(true);
        copy(from, to);
      }
    }
  })();
  return Promise.resolve(listener.addr.port);
};

async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(1 << 16);
  for (let size; (size = await from.read(buffer)) !== null;) await to.write(buffer.subarray(0, size));
}

const relayOf = (kind: unknown, isNear: boolean) => kind === "tls" ? tls(isNear) : tcp;

serveActions({
  /** Leads from `port` of `host` to `target` of this device's loopback. */
  far: async (kind, host, port, target) => {
    const listen = { host: String(host), port: Number(port) };
    return [await (await relayOf(kind, false))(listen, { host: LOOPBACK, port: Number(target) })];
  },
  /** Leads from a port of this device's loopback, which it returns, to `port` of `host`. */
  near: async (kind, host, port) => {
    const dial = { host: String(host), port: Number(port) };
    return [await (await relayOf(kind, true))({ host: LOOPBACK, port: 0 }, dial)];
  },
});
