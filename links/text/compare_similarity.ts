// @ts-types="./mod.d.ts"
export { compareSimilarity, type CompareSimilarityOptions } from "deno-std/text/compare_similarity.js";
