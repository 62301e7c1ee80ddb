import { isTerminal } from "../../gmp/command/console.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import { systemFault } from "../../gmp/system_fault.ts";

/** Bytes of a line with a code at most: a code has 512 characters. */
const MAX_LINE = 4096;

/**
 * The code that a person has typed: `operand`, or without one, or with `-`, the first line of standard input, for which a
 * terminal asks. A command's operands can be seen by others of this device, and stay in a shell's history.
 *
 * @throws {UsageError} when there is none. @throws {GhostError} `BAD_ARGUMENTS` when standard input cannot be read.
 */
export async function readCode(operand: string | undefined): Promise<string> {
  if (operand !== undefined && operand !== "-") return operand;
  if (isTerminal("stdin")) Deno.stderr.writeSync(new TextEncoder().encode("Code: "));
  const code = (await firstLine()).trim();
  if (code !== "") return code;
  throw new UsageError(
    "gpmd device join needs a CODE, as an operand or on standard input",
    "gpmd device join",
  );
}

async function firstLine(): Promise<string> {
  const bytes = new Uint8Array(MAX_LINE);
  let filled = 0;
  try {
    while (filled < MAX_LINE && !bytes.subarray(0, filled).includes(0x0a)) {
      const count = await Deno.stdin.read(bytes.subarray(filled));
      if (count === null) break;
      filled += count;
    }
  } catch (error) {
    throw systemFault("BAD_ARGUMENTS", "read the code from standard input", error);
  }
  return new TextDecoder().decode(bytes.subarray(0, filled)).split("\n")[0]!;
}
