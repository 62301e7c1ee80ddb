/** The command was used wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";

  /** `command` is what `--help` should be asked of, such as `gpmd wasm`. */
  constructor(message: string, readonly command = "gpmd") {
    super(message);
  }
}
