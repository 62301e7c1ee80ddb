import { GhostError } from "../../gmp/errors.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import { isOtherKey } from "../../gmp/handshake/handshake.ts";
import { newKey, SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { dial } from "../../gmp/ports/tcp.ts";

/** `error`, a `PORT_IN_USE`, with who holds the port and what helps. */
export async function withHolder(error: GhostError): Promise<GhostError> {
  const port = Number(error.details?.port);
  const isGpmd = await answersAsGpmd(port);
  const holder = isGpmd ? "the GPMD of another store" : "another program";
  const help = isGpmd ? "stop that one with gpmd --home DIR kill, or choose" : "choose";
  return new GhostError(
    "PORT_IN_USE",
    `Cannot start GPMD: port ${port} is held by ${holder}; ${help} other ports with --command-port and --gmp-port`,
    { cause: error, details: { port } },
  );
}

/** Whether a GPMD answers at `port`: it says that it is one before anybody proves anything. */
async function answersAsGpmd(port: number): Promise<boolean> {
  try {
    const { transport } = await dial({
      hostname: "127.0.0.1",
      port,
      keyName: SECRET_KEY_NAME,
      key: newKey(), // which no store has
      audience: "gpmd/commands",
      caps: LARGE_REPLY_CAPS,
    });
    transport.close();
    return false;
  } catch (error) {
    return isOtherKey(error);
  }
}
