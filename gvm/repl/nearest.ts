import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** Nobody mistypes names longer than this, and comparing takes time with the square of the length. */
const MAX_LENGTH = 64;

/** The one of `candidates` that `word` is most likely a slip of, if any is near enough; case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word === "" || word.length > MAX_LENGTH) return undefined;
  const closest = closestString(word, candidates);
  const distance = levenshteinDistance(word.toLowerCase(), closest.toLowerCase());
  // Two letters swapped are a distance of 2, and the most common slip.
  const near = closest.length < 4 ? 1 : Math.max(2, Math.floor(closest.length / 3));
  return distance <= near ? closest : undefined;
}

/** `; did you mean X?`, or nothing. `prefix` is put before the name found: `Node.`. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ""): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : `; did you mean ${prefix}${found}?`;
}
