/** What the statistics file of SIPp (`-trace_stat`) says about a run. */
export interface SippStats {
  readonly created: number;
  readonly successful: number;
  readonly retransmissions: number;
  /** Calls begun per second while it still had calls to begin; `undefined` when it was over too soon to tell. */
  readonly rate: number | undefined;
  /** Calls not over yet near the end of that time; what stays the same at every rate that is sustained. */
  readonly open: number | undefined;
}

interface Row {
  readonly at: number;
  readonly created: number;
  readonly open: number;
  readonly successful: number;
  readonly retransmissions: number;
}

export function parseSippStats(csv: string, calls: number): SippStats {
  const rows = rowsOf(csv);
  const last = rows.at(-1);
  const begun = rows.filter(({ created }) => created > 0 && created < calls);
  return {
    created: last?.created ?? 0,
    successful: last?.successful ?? 0,
    retransmissions: last?.retransmissions ?? 0,
    rate: beginRate(begun),
    open: begun.at(-1)?.open,
  };
}

function rowsOf(csv: string): Row[] {
  const [head = '', ...lines] = csv.split('\n');
  const names = head.split(';');
  const column = (name: string): number => names.indexOf(name);
  const [time, created, open, successful, again] = [
    column('CurrentTime'),
    column('TotalCallCreated'),
    column('CurrentCall'),
    column('SuccessfulCall(C)'),
    column('Retransmissions(C)'),
  ];
  return (
    lines
      .map((line) => line.split(';'))
      // The last line of a SIPp that was killed may be torn.
      .filter((fields) => fields.length >= names.length)
      .map((fields) => ({
        // Date, time and seconds since the epoch, separated by tabs.
        at: Number(fields[time]?.split('\t')[2]),
        created: Number(fields[created]),
        open: Number(fields[open]),
        successful: Number(fields[successful]),
        retransmissions: Number(fields[again]),
      }))
  );
}

/** From the first row with a call to the last row before all had been begun. */
function beginRate(begun: readonly Row[]): number | undefined {
  const [first, last] = [begun[0], begun.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return (last.created - first.created) / (last.at - first.at);
}
