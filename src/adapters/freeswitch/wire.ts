import type { EslEvent, FsmrfEndpoint } from 'drachtio-fsmrf';
import type { Clock } from '../../ports/clock.js';
import { MediaError } from '../../ports/media.js';
import { DEADLINES } from './options.js';
import { mediaError, within } from './within.js';

/** What is said to one channel of a media server, each with its deadline. Everything rejects with a {@link MediaError}. */
export class Wire {
  constructor(
    readonly raw: FsmrfEndpoint,
    private readonly clock: Clock,
  ) {}

  within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
    return within(this.clock, ms, what, promise);
  }

  /** A command about this channel, run at once, whatever plays. */
  async command(name: string, ...args: readonly string[]): Promise<void> {
    const asked = this.raw.api(name, [this.raw.uuid, ...args]);
    const body = (await this.within(DEADLINES.command, name, asked)).getBody();
    if (!body.startsWith('+OK')) throw new MediaError('refused', `${name}: ${body.trim()}`);
  }

  /** An application of this channel; settles with its end, which may be never. */
  execute(app: string, argument: string): Promise<EslEvent> {
    return this.raw.execute(app, argument);
  }

  on(event: string, listener: (event: EslEvent) => void): void {
    this.raw.conn?.on(`esl::event::${event}::${this.raw.uuid}`, listener);
  }

  /** The next event of that name on this channel. */
  private next(event: string): Promise<void> {
    return new Promise((resolve) => {
      const { conn, uuid } = this.raw;
      conn?.once(`esl::event::${event}::${uuid}`, () => resolve());
    });
  }

  /** Its next arrival in the park, after which it can be sent elsewhere; not waited for longer than it may take. */
  parked(): Promise<void> {
    return this.within(DEADLINES.park, 'park', this.next('CHANNEL_PARK')).catch(() => undefined);
  }

  /**
   * What FreeSWITCH answers before it does it, done when the event says so: a command that comes between would find
   * the channel on its way, and end it.
   */
  async moved(event: string, what: string, answer: Promise<unknown>): Promise<void> {
    const arrived = this.next(event);
    await this.within(DEADLINES.command, what, answer);
    await this.within(DEADLINES.command, what, arrived);
  }

  /**
   * A re-INVITE with the far end's description. Not fsmrf's `modify`: after one refusal srf's would never settle
   * again.
   */
  async reinvite(sdp: string): Promise<string> {
    const { dialog } = this.raw;
    const headers = { Contact: dialog.local.contact, 'Content-Type': 'application/sdp' };
    const asked = dialog.request({ method: 'INVITE', headers, body: sdp });
    const { status, reason, body } = await this.within(DEADLINES.modify, 're-INVITE', asked);
    if (status !== 200 || body === undefined || body === '')
      throw mediaError('re-INVITE', Object.assign(new Error(`${status} ${reason}`), { status }));
    // What srf answers a re-INVITE of the server with.
    dialog.local.sdp = sdp;
    dialog.remote.sdp = body;
    return body;
  }
}
