import type { Arena } from "./arena.ts";
import { type Ends, place, type Placement } from "./placement.ts";
import { median, quantile, spread } from "./statistics.ts";

/** One of those that are measured side by side. */
export interface Contestant {
  readonly name: string;
  /** Its processes, where the row is measured in several placements. */
  readonly ends?: Ends;
  /** Measures once: one value, or one of each call, in the unit of the row. */
  measure(): Promise<readonly number[]>;
}

/** A contestant that is not there, and what brings it. */
export interface Missing {
  readonly name: string;
  readonly missing: string;
}

/** What the first contestant of a row is to reach, as a ratio to another. */
interface Target {
  readonly than: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What is measured side by side. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** More is better, as of calls a second; less is by default. */
  readonly more?: boolean;
  readonly targets?: readonly Target[];
  /** What every contestant is to stay below, in the unit of the row. */
  readonly limit?: number;
  /** Whether it matters where the two ends run. */
  readonly placed?: boolean;
  /** Rounds in which every contestant is measured once, and those that are thrown away before them. */
  readonly rounds: number;
  readonly warmUp: number;
  /** Those who are measured, first the one who is compared with all others. */
  contestants(arena: Arena): Promise<readonly (Contestant | Missing)[]>;
}

/** What one contestant was measured at, in the unit of the row. */
export interface Figure {
  readonly name: string;
  /** The median of the medians of all rounds. */
  readonly median: number;
  /** The median of what 99 % of the calls of a round are below; absent where a round has less than 100. */
  readonly p99?: number;
  /** Half the distance between the quartiles of the rounds, as a share of the median. */
  readonly spread: number;
  /** The median of each round. */
  readonly rounds: readonly number[];
  /** The first contestant's value divided by this one's: the median of the ratios of all rounds. Absent for the first. */
  readonly ratio?: number;
}

/** What became of a target or limit: `what` is or is not as it is to be. */
interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly bound: string;
  readonly met: boolean;
}

/** A row in one placement. */
export interface Result {
  readonly row: string;
  readonly title: string;
  readonly unit: string;
  readonly more: boolean;
  readonly placement?: Placement;
  readonly figures: readonly Figure[];
  readonly missing: readonly Missing[];
  readonly verdicts: readonly Verdict[];
}

/** The least calls of a round of which 99 % say something. */
const ENOUGH = 100;

/** Measures a row in rounds, in each of which every contestant has its turn in every placement. */
export async function measureRow(
  row: Row,
  arena: Arena,
  placements: readonly Placement[],
): Promise<Result[]> {
  const all = await row.contestants(arena);
  const contestants = all.filter((one) => "measure" in one);
  const places = (row.placed ? placements : [undefined]).map((placement) => ({
    placement,
    taken: new Map(contestants.map((one) => [one, [] as number[][]])),
  }));
  const rounds = arena.quick ? Math.min(row.rounds, 2) : row.rounds;
  const warmUp = arena.quick ? Math.min(row.warmUp, 1) : row.warmUp;
  for (let round = -warmUp; round < rounds; round++) {
    // Nobody always has the turn after the same one.
    const first = (round + warmUp) % contestants.length;
    const turns = [...contestants.slice(first), ...contestants.slice(0, first)];
    for (const { placement, taken } of places) {
      await placeAll(contestants, placement);
      for (const one of turns) {
        const values = await one.measure();
        if (round >= 0) taken.get(one)!.push([...values]);
      }
    }
  }
  return places.map(({ placement, taken }) => summarize(row, placement, all, taken));
}

async function placeAll(contestants: readonly Contestant[], placement: Placement | undefined): Promise<void> {
  if (placement === undefined) return;
  for (const { ends } of contestants) if (ends !== undefined) await place(ends, placement);
}

function summarize(
  row: Row,
  placement: Placement | undefined,
  all: readonly (Contestant | Missing)[],
  taken: ReadonlyMap<Contestant, readonly number[][]>,
): Result {
  const first = taken.get(all[0] as Contestant)?.map(median);
  const figures = [...taken].map(([one, values]): Figure => {
    const rounds = values.map(median);
    const compared = first !== undefined && one !== all[0];
    return {
      name: one.name,
      median: median(rounds),
      ...(values.every(({ length }) => length >= ENOUGH)
        ? { p99: median(values.map((round) => quantile(round, 0.99))) }
        : {}),
      spread: rounds.length > 1 ? spread(rounds) : 0,
      rounds,
      ...(compared ? { ratio: median(rounds.map((value, round) => first[round]! / value)) } : {}),
    };
  });
  const { id, title, unit, more = false } = row;
  const missing = all.filter((one) => "missing" in one);
  const verdicts = [...judgeRatios(row, all[0]!.name, figures), ...judgeLimit(row, figures)];
  return { row: id, title, unit, more, ...(placement ? { placement } : {}), figures, missing, verdicts };
}

function judgeRatios({ targets = [] }: Row, first: string, figures: readonly Figure[]): Verdict[] {
  return targets.flatMap(({ than, atMost, atLeast }) => {
    const value = figures.find(({ name }) => name === than)?.ratio;
    if (value === undefined) return [];
    const met = value <= (atMost ?? Infinity) && value >= (atLeast ?? -Infinity);
    const bound = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`;
    return [{ what: `${first} ÷ ${than}`, value, bound, met }];
  });
}

function judgeLimit({ limit, unit }: Row, figures: readonly Figure[]): Verdict[] {
  if (limit === undefined) return [];
  return figures.map(({ name, median }) => ({
    what: name,
    value: median,
    bound: `below ${limit} ${unit}`,
    met: median < limit,
  }));
}
