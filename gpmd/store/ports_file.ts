import { replaceFile } from "../../gmp/device/durable.ts";
import {
  PORTS_FILE,
  PORTS_FORMAT,
  readRememberedPorts,
  type RememberedPorts,
} from "../../gmp/device/remembered_ports.ts";
import { DEFAULT_COMMAND_PORT, DEFAULT_GMP_PORT } from "../../gmp/device/settings.ts";
import { storeFault } from "./_fault.ts";

/**
 * Makes the store at `home` remember `ports`, so that whoever names only the store finds its GPMD. A store whose GPMD
 * has only ever had the default ports needs no file.
 *
 * @throws {GhostError} `STORE_FAULT`.
 */
export async function rememberPorts(home: string, { commandPort, gmpPort }: RememberedPorts): Promise<void> {
  const known = readRememberedPorts(home) ?? { commandPort: DEFAULT_COMMAND_PORT, gmpPort: DEFAULT_GMP_PORT };
  if (known.commandPort === commandPort && known.gmpPort === gmpPort) return;
  const text = `${JSON.stringify({ format: PORTS_FORMAT, commandPort, gmpPort })}\n`;
  try {
    await replaceFile(home, PORTS_FILE, new TextEncoder().encode(text), () => {});
  } catch (error) {
    throw storeFault(`remember the ports of GPMD in the store "${home}"`, error);
  }
}
