import type { PipeEnd } from "./pipe_end.ts";

/** Both ends, which are opened at once; where one cannot be, the other is aborted. @throws what the first to fail throws. */
export async function bothEnds(
  one: Promise<PipeEnd>,
  other: Promise<PipeEnd>,
): Promise<[PipeEnd, PipeEnd]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    for (const end of [one, other]) end.then((end) => end.abort(), () => {});
    throw error;
  }
}
