// @ts-types="./mod.d.ts"
export { wordSimilaritySort, type WordSimilaritySortOptions } from "deno-std/text/word_similarity_sort.js";
