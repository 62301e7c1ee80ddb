import { readRememberedPorts } from "../device/remembered_ports.ts";
import { DEFAULT_COMMAND_PORT, DEFAULT_GMP_PORT } from "../device/settings.ts";
import { GhostError } from "../errors.ts";

/** Each of the two ports: its option, and what it is where the store remembers none. */
const PORTS = {
  commandPort: ["--command-port", DEFAULT_COMMAND_PORT],
  gmpPort: ["--gmp-port", DEFAULT_GMP_PORT],
} as const;

/** One of GPMD's two ports. */
type Port = keyof typeof PORTS;

/** The port with which the GPMD of the store `home` was last started. @throws {GhostError} `STORE_FAULT`. */
export function rememberedPort(home: string, port: Port): number {
  return readRememberedPorts(home)?.[port] ?? PORTS[port][1];
}

/**
 * `error` of connecting to GPMD at `asked`; where nothing or something else answers there, with the port that would
 * have been right if the store remembers another one.
 */
export function withRememberedPort(error: unknown, port: Port, asked: number, remembered: number): unknown {
  if (!(error instanceof GhostError) || remembered === asked || !isElsewhere(error)) return error;
  const said = error.code === "GPMD_NOT_RUNNING" ? `Nothing listens on port ${asked}` : error.message;
  const message = `${said}; the GPMD of this store was last started with ${PORTS[port][0]} ${remembered}`;
  return new GhostError(error.code, message, {
    cause: error,
    ...error.details && { details: error.details },
  });
}

function isElsewhere({ code, details }: GhostError): boolean {
  return code === "GPMD_NOT_RUNNING" || code === "UNAUTHENTICATED" ||
    code === "CONNECTION_LOST" && details?.silent === true;
}
