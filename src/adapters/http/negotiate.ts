/**
 * The best of the offered media types for an `Accept` header (RFC 9110 12.5.1); the first offered when the header
 * is absent or names none of them, since an answer in the default type helps more than a 406.
 */
export function negotiate<T extends string>(accept: string | undefined, offered: readonly [T, ...T[]]): T {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  let best = offered[0];
  let bestQ = 0;
  for (const type of offered) {
    const q = qualityOf(type, ranges);
    if (q > bestQ) [best, bestQ] = [type, q];
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly q: number;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1);
  return { type, q: q >= 0 && q <= 1 ? q : 0 };
}

/** The most specific range that takes the type decides, also when it says `q=0`. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const wildcards = [type, `${type.split('/', 1)[0] ?? ''}/*`, '*/*'];
  for (const wanted of wildcards) {
    const range = ranges.find((r) => r.type === wanted);
    if (range !== undefined) return range.q;
  }
  return 0;
}
