/** The value below which the share `q` of the values lies. */
export const quantile = (values: number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;

export const median = (values: number[]): number => quantile(values, 0.5);
