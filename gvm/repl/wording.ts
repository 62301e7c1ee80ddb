import { ERROR_SENTENCES, type ErrorCode, type GhostError } from "../../gmp/errors.ts";

/**
 * The prompt's wording of errors that speak of the library, by code, from the details. `undefined` where both
 * read the same.
 */
const WORDINGS: { readonly [Code in ErrorCode]?: (error: GhostError) => string | undefined } = {
  NOT_CONNECTED: ({ message, details }) => {
    const node = details?.node;
    if (typeof node === "string") {
      return `Cannot reach "${node}": it is not connected; connect first with Node.connect(${node})`;
    }
    return message === ERROR_SENTENCES.NOT_CONNECTED
      ? "The node is not connected; connect first with: Node.connect(name)"
      : undefined;
  },
  UNSUPPORTED_SIGNATURE: ({ details }) =>
    typeof details?.before === "string" && typeof details.now === "string"
      ? `Cannot call the function: it was ${details.before} and is ${details.now} now; give the line again`
      : undefined,
};

/** The sentence of `error` for a person at the prompt. */
export function sentenceOf(error: GhostError): string {
  return WORDINGS[error.code]?.(error) ?? error.message;
}
