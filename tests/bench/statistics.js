// Medians and quartiles: a busy machine makes outliers, and they do not move these.

export const median = (values) => quantile(values, 0.5);

/** @returns {{ median: number, low: number, high: number }} the median and the quartiles around it */
export function spread(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** The ratio of two candidates: in each round first, because the two were disturbed alike. */
export function ratio(values, others) {
  return spread(values.map((value, round) => value / others[round]));
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  return below + (sorted[Math.ceil(place)] - below) * (place % 1);
}
