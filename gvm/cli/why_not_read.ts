/** Why a file or directory could not be read, in words that follow "it". */
export function whyNotRead(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "does not exist";
  if (error instanceof Deno.errors.NotADirectory) return "is not a directory";
  if (error instanceof Deno.errors.IsADirectory) return "is a directory";
  return "is not readable";
}
