import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** Nobody mistypes names longer than this, and comparing takes time with the square of the length. */
const LONGEST = 64;
/** Candidates that are compared at most, so that a slip among 10,000 names costs milliseconds. */
const MOST = 2000;

/** The one of `candidates` that `word` is most likely a slip of, if any is near enough; case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const short = candidates.slice(0, MOST).filter((one) => one.length > 0 && one.length <= LONGEST);
  if (short.length === 0 || word === "" || word.length > LONGEST) return undefined;
  const closest = closestString(word, short);
  const distance = levenshteinDistance(word.toLowerCase(), closest.toLowerCase());
  return distance <= Math.max(1, Math.floor(Math.max(word.length, closest.length) / 3)) ? closest : undefined;
}
