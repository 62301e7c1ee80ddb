import { ERRNO, Failure } from "../../host/errno.ts";
import { err, ok, type Result } from "../result.ts";

/** The names of `ERRNO`, in lower case. */
export const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRNO).map(([name, errno]) => [errno, name.toLowerCase()]),
);

/** The cases of `wasi:filesystem/types.error-code`, as far as these functions return them. */
export type FileErrorCode = typeof ERROR_CODES[keyof typeof ERROR_CODES];

/** The codes of a file system by their numbers in preview 1. */
const ERROR_CODES = {
  [ERRNO.AGAIN]: "would-block",
  [ERRNO.BADF]: "bad-descriptor",
  [ERRNO.EXIST]: "exist",
  [ERRNO.FAULT]: "invalid",
  [ERRNO.ILSEQ]: "illegal-byte-sequence",
  [ERRNO.INVAL]: "invalid",
  [ERRNO.ISDIR]: "is-directory",
  [ERRNO.LOOP]: "loop",
  [ERRNO.MFILE]: "quota",
  [ERRNO.NAMETOOLONG]: "name-too-long",
  [ERRNO.NOENT]: "no-entry",
  [ERRNO.NOSPC]: "insufficient-space",
  [ERRNO.NOTDIR]: "not-directory",
  [ERRNO.NOTEMPTY]: "not-empty",
  [ERRNO.NOTSUP]: "unsupported",
  [ERRNO.OVERFLOW]: "overflow",
  [ERRNO.PERM]: "not-permitted",
  [ERRNO.SPIPE]: "invalid-seek",
  [ERRNO.XDEV]: "cross-device",
  [ERRNO.NOTCAPABLE]: "not-permitted",
} as const satisfies Record<number, string>;

/** The code of the failure `errno`. */
export function fileErrorCode(errno: number): FileErrorCode | undefined {
  return (ERROR_CODES as Record<number, FileErrorCode>)[errno];
}

/**
 * A case of `error-code` or `descriptor-type` as a version of WASI has it: they are enums in 0.2, and variants in 0.3.
 */
export type CaseOf = (name: string) => unknown;

/** As an enum. */
export const AS_ENUM: CaseOf = (name) => name;
/** As a variant. */
export const AS_VARIANT: CaseOf = (tag) => ({ tag });

/** What the functions of `wasi:filesystem/types` return; its errors are as {@linkcode CaseOf} has them. */
export type FileResult<T> = Result<T, unknown>;

/** The result of `operation` on files. Anything but a failure is hidden from the guest, and ends it. */
export function fileResult<T>(caseOf: CaseOf, operation: () => T): FileResult<T> {
  try {
    return ok(operation());
  } catch (error) {
    return fileError(caseOf, error);
  }
}

/** The result for a failure; throws any other error. */
export function fileError(caseOf: CaseOf, error: unknown): FileResult<never> {
  const code = error instanceof Failure ? fileErrorCode(error.errno) : undefined;
  if (code === undefined) throw error;
  return err(caseOf(code));
}
