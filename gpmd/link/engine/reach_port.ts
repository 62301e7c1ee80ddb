import { systemCode } from "../../../gmp/system_error.ts";

/** Milliseconds that an address has to take a connection when somebody asks why a device cannot be reached. */
const REACH_TIME = 3000;

/** What happened at a port: it took the connection, refused it, said nothing; no way led there, or none may be taken. */
type PortState = "open" | "refused" | "silent" | "unrouted" | "forbidden";

/** Connects to `port` at `hostname` and closes the connection again. */
export async function reachPort(hostname: string, port: number): Promise<PortState> {
  const late = AbortSignal.timeout(REACH_TIME);
  try {
    (await Deno.connect({ hostname, port, signal: late })).close();
    return "open";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "forbidden";
    if (late.aborted) return "silent";
    return STATES[systemCode(error) ?? ""] ?? "unrouted";
  }
}

const STATES: Readonly<Record<string, PortState>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  ETIMEDOUT: "silent",
};
