import { setTimeout as pause } from 'node:timers/promises';
import { type Journal, matches, type Observation, told, Unexpected, type Wanted } from './journal.js';
import { textOf } from './mismatch.js';
import type { Stage } from './stage.js';

const CLEAN_UP_MS = 3_000;
/** The last 200 of a BYE may be on its way when the bot is told that the call is over. */
const SETTLE_MS = 3_000;
const LOOK_AGAIN_MS = 50;

/** One call on the stage. */
export class Scene {
  private readonly journal: Journal;

  constructor(private readonly stage: Stage) {
    this.journal = stage.journal;
    this.journal.clear();
  }

  dial(number: string): void {
    this.stage.phones.tell(`call sip:${number}@${this.stage.engine}`);
  }

  see(wanted: Wanted, nth = 1): Promise<Observation> {
    return this.journal.see(wanted, { nth });
  }

  /** The caller presses keys. */
  press(keys: string): void {
    this.stage.phones.tell(`press ${keys}`);
  }

  /** The caller says something, or stops. */
  speak(aloud: boolean): void {
    this.stage.phones.tell(aloud ? 'speak' : 'hush');
  }

  /** How the bot's words become audio in this demo. */
  get voice(): string {
    return this.stage.voice;
  }

  hangUp(who: 'caller' | 'agent'): void {
    this.stage.phones.tell(who === 'caller' ? 'hangup' : 'hangup agent');
  }

  /** What happened, in the order it was seen. */
  seen(): readonly Observation[] {
    return this.journal.all();
  }

  events(): readonly unknown[] {
    return this.seen()
      .filter((o) => o.kind === 'event')
      .map((o) => o.fields['event']);
  }

  callId(): string {
    return textOf(this.events()[0], 'callId');
  }

  /** Waits until the call is over on every side. */
  async over(): Promise<void> {
    await this.see(told('call.ended'));
    const deadline = performance.now() + SETTLE_MS;
    while (await this.isLive()) {
      if (performance.now() > deadline) throw new Unexpected('expected that no leg is left after the call');
      await pause(LOOK_AGAIN_MS);
    }
  }

  /** Ends a call that did not end by itself, so that the next one starts with an empty stage. */
  async cleanUp(): Promise<void> {
    const ended = this.seen().some((o) => matches(o, told('call.ended')));
    if (ended) return;
    this.hangUp('caller');
    this.hangUp('agent');
    await this.journal.see(told('call.ended'), { ms: CLEAN_UP_MS }).catch(() => undefined);
  }

  /** `GET /v1/calls/{callId}/ladder`, as text. */
  async ladder(): Promise<string> {
    if (this.callId() === '') return '';
    const answer = await this.get('/ladder');
    return answer.ok ? answer.text() : '';
  }

  private async isLive(): Promise<boolean> {
    return (await this.get('')).ok;
  }

  private get(path: string): Promise<Response> {
    return fetch(`${this.stage.app.apiUrl}/v1/calls/${this.callId()}${path}`, {
      headers: { accept: 'text/plain' },
    });
  }
}
