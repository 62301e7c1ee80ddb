/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `command` is the one whose `--help` is suggested, such as `gpmd wasm`; by default, the one that was typed. */
  constructor(message: string, readonly command?: string) {
    super(message);
  }
}
