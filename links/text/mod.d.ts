// What the project uses of @std/text 1; the implementation is npm's deno-std.

/** @throws {TypeError} when `possibleWords` is empty */
export function closestString(
  givenWord: string,
  possibleWords: readonly string[],
): string;
export function levenshteinDistance(str1: string, str2: string): number;
