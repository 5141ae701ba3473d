import type { Received } from '../support/webhook-receiver.js';

/** An event as the bot keeps it: the first of those with its id. */
interface Told {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly callId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const TERMINAL = new Set(['transfer.completed', 'transfer.failed', 'transfer.cancelled']);

/** What a bot knows that drops events whose id it has seen. */
export class BotLedger {
  private readonly byId = new Map<string, Told>();
  private readonly callTo = new Map<string, string>();
  private readonly verdicts = new Map<string, Told[]>();
  private readonly requested = new Set<string>();
  private readonly ended = new Map<string, number>();
  repeated = 0;

  take({ json }: Received): void {
    const told = json as unknown as Told;
    if (this.byId.has(told.id)) {
      this.repeated += 1;
      return;
    }
    this.byId.set(told.id, told);
    const id = String(told.data['transferId']);
    if (told.type === 'call.started') this.callTo.set(String(told.data['to']), told.callId);
    if (told.type === 'call.ended') this.ended.set(told.callId, (this.ended.get(told.callId) ?? 0) + 1);
    if (told.type === 'transfer.requested') this.requested.add(id);
    if (TERMINAL.has(told.type)) this.verdicts.set(id, [...(this.verdicts.get(id) ?? []), told]);
  }

  callOf(number: string): string | undefined {
    return this.callTo.get(number);
  }

  hasVerdict(transferId: string): boolean {
    return this.verdicts.has(transferId);
  }

  isOver(callId: string): boolean {
    return this.ended.has(callId);
  }

  /** Transfers the bot was told of. */
  get known(): readonly string[] {
    return [...this.requested];
  }

  /** Of these transfers, those without exactly one verdict, and what they have. */
  unaccounted(transfers: Iterable<string>): readonly string[] {
    return [...transfers].flatMap((id) => {
      const told = this.verdicts.get(id) ?? [];
      return told.length === 1 ? [] : [`${id}: ${told.map(({ type }) => type).join(', ') || 'no verdict'}`];
    });
  }

  /** Calls that began and have not exactly one end. */
  get endless(): readonly string[] {
    return [...this.callTo.values()]
      .map((callId) => [callId, this.ended.get(callId) ?? 0] as const)
      .filter(([, ends]) => ends !== 1)
      .map(([callId, ends]) => `${callId}: ${ends} ends`);
  }

  /** How many verdicts there are by word, `interrupted` apart. */
  get outcomes(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { data } of [...this.verdicts.values()].flat()) {
      const { decidedBy } = data['evidence'] as { decidedBy: string };
      const word = decidedBy === 'interrupted' ? 'interrupted' : String(data['outcome']);
      counts[word] = (counts[word] ?? 0) + 1;
    }
    return counts;
  }

  /** When verdicts that say `interrupted` were given, ms since the epoch. */
  get interruptions(): readonly number[] {
    return [...this.verdicts.values()].flat().flatMap(({ data, time }) => {
      const { decidedBy } = data['evidence'] as { decidedBy: string };
      return decidedBy === 'interrupted' ? [Date.parse(time)] : [];
    });
  }
}
