import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sendCue } from './cue.js';
import { ScenarioFailure } from './failure.js';
import { Child } from './child.js';
import type { CueStep, Party } from './scenario-schema.js';
import { headerOf, readMessages, type SipMessage } from './sipp-log.js';
import { until } from './until.js';

/** Where a party is, and where the engine is for it. */
export interface PartyPlace {
  readonly address: string;
  readonly port: number;
  /** RTP port it claims; nothing listens there. */
  readonly media: number;
  readonly engine: { readonly address: string; readonly port: number };
}

/** A party that has sent and received nothing for so long waits for something. */
const STILL_MS = 100;
/** Some never are: they repeat what nobody answers. */
const STILL_WITHIN_MS = 2000;

/** Keywords every XML may use; one SIPp is not told stays `[keyword]` on the wire. */
const USUAL_KEYS = { from: '16125550199', refer: 'SIP/2.0 202 Accepted', extra: 'Supported: replaces' };

/** What a party needs to start: files are absolute. */
export interface PartyFiles {
  readonly xml: string;
  readonly csv: string | undefined;
  /** Directory for its logs. */
  readonly logs: string;
}

/** One SIPp process: started, watched through its message log, cued, graded. */
export class SippParty {
  private child: Child | undefined;

  constructor(
    readonly name: string,
    private readonly party: Party,
    private readonly place: PartyPlace,
    private readonly files: PartyFiles,
  ) {}

  start(sipp: string, timeoutMs: number, signal: AbortSignal): void {
    const place = { cwd: this.files.logs, logFile: this.log('screen'), signal };
    this.child = new Child(sipp, this.args(timeoutMs), place);
  }

  get role(): Party['role'] {
    return this.party.role;
  }

  /** Begins at a step of its own. */
  get waits(): boolean {
    return this.party.waits;
  }

  get port(): number {
    return this.place.port;
  }

  get hasExited(): boolean {
    return this.child?.exit !== undefined;
  }

  /** What its end was, when it has ended badly. */
  get failure(): ScenarioFailure | undefined {
    const exit = this.child?.exit;
    if (exit === undefined || exit.code === 0) return undefined;
    return new ScenarioFailure(`party ${this.name}`, `SIPp ended with ${exit.code ?? 'a signal'}`);
  }

  /** True for a party that ends by itself. */
  get ends(): boolean {
    return this.party.calls > 0;
  }

  messages(): Promise<readonly SipMessage[]> {
    return readMessages(this.log('messages'));
  }

  /** What SIPp had to complain about, and the last messages. */
  async tail(): Promise<string> {
    const errors = await readFile(this.log('errors'), 'utf8').catch(() => '');
    const messages = (await this.messages()).slice(-3).map(({ direction, text }) => `${direction}:\n${text}`);
    return [errors.trim(), ...messages].filter((part) => part !== '').join('\n\n');
  }

  /** What SIPp printed: where it says why it does not start. */
  async screen(): Promise<string> {
    const text = await readFile(this.log('screen'), 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-3).join(' ');
  }

  /**
   * Cues the call it had last. SIPp takes one command of its XML per turn of its loop, and a cue that comes between two
   * of them ends the call: it has to be still first.
   */
  async cue({ say, carrying }: CueStep, where: string, signal: AbortSignal): Promise<void> {
    await until(STILL_WITHIN_MS, signal, () => this.isStill());
    const last = (await this.messages()).at(-1);
    const callId = last === undefined ? undefined : headerOf(last, 'Call-ID');
    if (callId === undefined) throw new ScenarioFailure(where, `party ${this.name} has no call to cue`);
    const { address, port } = this.place;
    await sendCue(say, { address, port, transport: this.party.transport, callId, carries: carrying });
  }

  private async isStill(): Promise<true | undefined> {
    const { mtimeMs } = await stat(this.log('messages')).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs >= STILL_MS ? true : undefined;
  }

  /** The verdict: SIPp's exit code, or, for a party that must hear nothing, its message log. */
  async grade(): Promise<ScenarioFailure | undefined> {
    const where = `party ${this.name}`;
    if (!this.ends) {
      const [first] = await this.messages();
      return first === undefined
        ? undefined
        : new ScenarioFailure(where, `must hear nothing, heard ${first.name}`);
    }
    if (!this.hasExited) return new ScenarioFailure(where, 'did not come to an end');
    return this.failure;
  }

  async stop(): Promise<void> {
    this.child?.kill();
    await this.child?.exited;
  }

  private log(kind: string): string {
    return join(this.files.logs, `${this.name}.${kind}.log`);
  }

  private args(timeoutMs: number): string[] {
    const { party, place, files } = this;
    const engine = `${bracketed(place.engine.address)}:${place.engine.port}`;
    const pairs = (flag: string, values: Readonly<Record<string, string>>): string[] =>
      Object.entries(values).flatMap(([key, value]) => [flag, key, value]);
    return [
      ...(party.role === 'uac' ? [engine, '-s', party.dial] : []),
      ...['-sf', files.xml, '-i', place.address, '-mi', place.address, '-p', String(place.port)],
      ...['-t', party.transport === 'tcp' ? 't1' : 'u1', '-m', String(Math.max(party.calls, 1)), '-nostdin'],
      ...[
        '-trace_msg',
        '-message_file',
        this.log('messages'),
        '-trace_err',
        '-error_file',
        this.log('errors'),
      ],
      ...['-timeout', `${timeoutMs}ms`, '-timeout_error', '-deadcall_wait', '0'],
      ...pairs('-key', { ...USUAL_KEYS, media: String(place.media), ...party.keys }),
      ...pairs('-set', party.set),
      ...(files.csv === undefined ? [] : ['-inf', files.csv]),
      ...party.args,
    ];
  }
}

export const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
