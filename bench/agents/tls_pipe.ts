/** The floor of a transfer between devices: TLS 1.3 of node:tls between two processes, with the certificate of a lane. */
import { once } from "node:events";
import { connect, createServer, type TLSSocket } from "node:tls";
import { makeCertificate } from "../../gpmd/link/pipes/lane_certificate.ts";
import { serveActions } from "../agent.ts";
import { BulkCount, send } from "../bulk.ts";

let connection: TLSSocket;

serveActions({
  listen: async (hostname, port) => {
    const { pem, key } = await makeCertificate();
    const server = createServer({ cert: pem, key, minVersion: "TLSv1.3" }, (socket) => {
      const count = new BulkCount();
      socket.on("data", (bytes: Uint8Array) => {
        if (count.take(bytes)) socket.write(new Uint8Array(1));
      });
    });
    server.listen(Number(port), String(hostname));
    await once(server, "listening");
  },
  connect: async (host, port) => {
    // Nobody is to be recognized here: what is measured comes after that.
    connection = connect({ host: String(host), port: Number(port), rejectUnauthorized: false });
    await once(connection, "secureConnect");
  },
  /** MB a second. */
  send: (megabytes) =>
    send(
      Number(megabytes),
      async (bytes) => {
        if (!connection.write(bytes)) await once(connection, "drain");
        return bytes.length;
      },
      () => once(connection, "data"),
    ),
});
