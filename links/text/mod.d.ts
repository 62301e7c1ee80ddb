// What the project uses of @std/text 1; the implementation is npm's deno-std.

export interface CompareSimilarityOptions {
  caseSensitive?: boolean;
  compareFn?: (a: string, b: string) => number;
}
export interface ClosestStringOptions {
  caseSensitive?: boolean;
  compareFn?: (a: string, b: string) => number;
}
export interface WordSimilaritySortOptions extends CompareSimilarityOptions {}

/** @throws {TypeError} when `possibleWords` is empty */
export function closestString(
  givenWord: string,
  possibleWords: readonly string[],
  options?: ClosestStringOptions,
): string;
export function compareSimilarity(
  givenWord: string,
  options?: CompareSimilarityOptions,
): (a: string, b: string) => number;
export function levenshteinDistance(str1: string, str2: string): number;
export function wordSimilaritySort(
  givenWord: string,
  possibleWords: readonly string[],
  options?: WordSimilaritySortOptions,
): string[];
