// Shares and how far to trust them.
import { seeded } from "./random.js";

/** For what has to be drawn. */
const RESAMPLES = 1_000;
const SEED = 20_261_122;
/** What is cut off at either end of the resampled shares, so that 95 % remain. */
const TAIL = 0.025;

/** `hits` of `of`, with the interval in which 95 % of all resamples of the rows lie: the bootstrap's. */
export interface Share {
  readonly hits: number;
  readonly of: number;
  /** Between 0 and 1; null when there is nothing to take a share of. */
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** How often something was right in one row, and how often it could have been. */
export interface Count {
  readonly hits: number;
  readonly of: number;
}

/**
 * The share of rows of which something is true.
 *
 * A resample of `of` rows, drawn with replacement, holds a binomially distributed number of hits. So the bootstrap needs
 * no drawing here: its quantiles are those of that distribution.
 */
export function shareOf(hits: number, of: number): Share {
  if (of === 0) return { hits, of, share: null, low: null, high: null };
  const quantile = binomialQuantiles(hits, of);
  return { hits, of, share: hits / of, low: quantile(TAIL) / of, high: quantile(1 - TAIL) / of };
}

/** The share of all that the rows counted. Rows are resampled whole, since what one row holds stands or falls together. */
export function shareOfCounts(rows: readonly Count[]): Share {
  const total = (counts: readonly Count[], key: keyof Count) => counts.reduce((sum, count) => sum + count[key], 0);
  const [hits, of] = [total(rows, "hits"), total(rows, "of")];
  const counting = rows.filter((row) => row.of > 0);
  if (of === 0) return { hits, of, share: null, low: null, high: null };
  const random = seeded(SEED);
  const resampled = () => {
    let [drawnHits, drawnOf] = [0, 0];
    for (let left = counting.length; left > 0; left--) {
      const row = counting[Math.floor(random() * counting.length)];
      drawnHits += row?.hits ?? 0;
      drawnOf += row?.of ?? 0;
    }
    return drawnHits / drawnOf;
  };
  return { hits, of, share: hits / of, ...middle(resampled) };
}

/** Where the middle 95 % of the resampled values begin and end. */
function middle(resampled: () => number): { low: number; high: number } {
  const values = Float64Array.from({ length: RESAMPLES }, resampled).sort();
  const at = (share: number) => values[Math.round(share * (RESAMPLES - 1))] ?? Number.NaN;
  return { low: at(TAIL), high: at(1 - TAIL) };
}

/** The number of hits below which a share of all series of `of` trials stay, each trial hitting with `hits / of`. */
function binomialQuantiles(hits: number, of: number): (share: number) => number {
  const cumulative = cumulativeWeights(hits, of);
  const total = cumulative[of] ?? 0;
  return (share) => cumulative.findIndex((sum) => sum >= share * total);
}

/**
 * Sums of the binomial weights of 0, 0 and 1, 0 to 2 … hits. They are multiples of the weight of `hits`, the likeliest
 * number, from which they are reckoned upwards and downwards, so that no power underflows where it matters.
 */
function cumulativeWeights(hits: number, of: number): Float64Array {
  const weights = new Float64Array(of + 1);
  const odds = hits / (of - hits);
  let weight = 1;
  for (let k = hits; k <= of; k++) {
    weights[k] = weight;
    weight *= ((of - k) / (k + 1)) * odds;
  }
  weight = 1;
  for (let k = hits; k >= 0; k--) {
    weights[k] = weight;
    weight *= k / (of - k + 1) / odds;
  }
  let sum = 0;
  return weights.map((each) => {
    sum += each;
    return sum;
  });
}
