import { GhostError } from "../errors.ts";
import { quotedPath } from "../system_error.ts";

/** The file of a store that remembers the ports of its GPMD, once they were not the default ones. */
export const PORTS_FILE = "ports.json";
/** The format of {@linkcode PORTS_FILE}. */
export const PORTS_FORMAT = 1;
/** Bytes of it that are read at most: it has two numbers. */
const MAX_PORTS_FILE = 1024;

/** The ports with which the GPMD of a store was last started. */
export interface RememberedPorts {
  /** The port of commands. */
  readonly commandPort: number;
  /** The port of nodes. */
  readonly gmpPort: number;
}

/**
 * The ports that the store at `home` remembers; `undefined` where it remembers none, or may not be read.
 *
 * @throws {GhostError} `STORE_FAULT` when the file is there and has something else.
 */
export function readRememberedPorts(home: string): RememberedPorts | undefined {
  const path = `${home}/${PORTS_FILE}`;
  // Without `--no-prompt`, a read without the permission would ask for it.
  if (Deno.permissions.querySync({ name: "read", path }).state !== "granted") return undefined;
  try {
    const { isFile, size } = Deno.lstatSync(path);
    if (!isFile || size > MAX_PORTS_FILE) throw unusable(path);
    const { format, commandPort, gmpPort } = JSON.parse(Deno.readTextFileSync(path)) ?? {};
    if (format !== PORTS_FORMAT || !isPort(commandPort) || !isPort(gmpPort)) throw unusable(path);
    return { commandPort, gmpPort };
  } catch (error) {
    if (error instanceof SyntaxError) throw unusable(path);
    if (error instanceof GhostError) throw error;
    // What is wrong with the store itself is said by whoever reads its secret.
    return undefined;
  }
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

function unusable(path: string): GhostError {
  return new GhostError(
    "STORE_FAULT",
    `Cannot use ${quotedPath(path)}: it does not have two ports; remove it`,
  );
}
