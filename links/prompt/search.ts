/**
 * The suggestions that match `input`, the best first: those that contain it by its place in them, then (unless only
 * substrings count) those that have its characters in order, the fewest gaps first.
 */
export function search(
  input: string,
  suggestions: string[],
  mode: "substring" | "fuzzy",
): string[] {
  const query = input.toLowerCase();
  return suggestions
    .map((suggestion) => ({
      suggestion,
      score: scoreOf(query, suggestion.toLowerCase(), mode),
    }))
    .filter(({ score }) => score < Infinity)
    .sort((a, b) => a.score - b.score)
    .map(({ suggestion }) => suggestion);
}

const FUZZY = 1e6;

function scoreOf(
  query: string,
  text: string,
  mode: "substring" | "fuzzy",
): number {
  const place = text.indexOf(query);
  if (place >= 0) return place;
  if (mode === "substring") return Infinity;
  const first = text.indexOf(query.charAt(0));
  let last = first - 1;
  for (const char of query) {
    last = text.indexOf(char, last + 1);
    if (last < 0) return Infinity;
  }
  return FUZZY + 1000 * (last - first + 1 - query.length) + first;
}
