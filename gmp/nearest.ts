import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";

/** Nobody mistypes longer names, and the time to compare them grows with the square of their length. */
const LONGEST = 64;
/** Candidates that are compared at most, so that a typo among 10,000 names costs milliseconds. */
const MOST = 2000;

/** The one of `candidates` that `word` most likely means, if any is near enough; case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const short = candidates.slice(0, MOST).filter((one) => one.length > 0 && one.length <= LONGEST);
  if (short.length === 0 || word === "" || word.length > LONGEST) return undefined;
  const closest = closestString(word, short);
  const distance = levenshteinDistance(word.toLowerCase(), closest.toLowerCase());
  // Two swapped letters are a distance of 2, and the most common typo.
  const near = closest.length < 4 ? 1 : Math.max(2, Math.floor(closest.length / 3));
  // Two words that share no letter are not one of them mistyped.
  return distance <= near && distance < Math.max(word.length, closest.length) ? closest : undefined;
}

/** `; did you mean X?`, or nothing. `prefix` goes before the name found: `Node.`. */
export function didYouMean(word: string, candidates: readonly string[], prefix = ""): string {
  const found = nearest(word, candidates);
  return found === undefined ? "" : `; did you mean ${prefix}${found}?`;
}
