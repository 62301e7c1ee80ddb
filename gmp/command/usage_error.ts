/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `command` is what `--help` should be asked of, such as `gpmd wasm`; the command that was typed, where it is not named. */
  constructor(message: string, readonly command?: string) {
    super(message);
  }
}
