import type { Request, Response } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import type { LegListener, LegPort, ResumeRequest } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';
import type { TalkingState } from './dialog-handle.js';
import type { DialogSession } from './dialog-session.js';
import type { LegContext } from './leg-context.js';
import { DrachtioLeg } from './leg.js';
import { restoreDialog } from './restored-dialog.js';
import { takeOver, type Taken } from './take-over.js';

/**
 * A confirmed leg of a process that is gone; tells whether it can be had.
 *
 * @throws when no dialog can be made of the state
 */
export function resumedLeg(
  on: LegContext,
  request: ResumeRequest,
  state: TalkingState,
  listener: LegListener,
): LegPort {
  const leg = new ResumedLeg(on, request, state, listener);
  leg.start();
  return leg;
}

class ResumedLeg extends DrachtioLeg {
  readonly sipCallId: string;
  protected readonly session: DialogSession;
  /** It is confirmed. */
  protected readonly unanswered = null;

  constructor(
    on: LegContext,
    private readonly request: ResumeRequest,
    state: TalkingState,
    listener: LegListener,
  ) {
    super(on);
    this.sipCallId = state.callId;
    this.dialogId = state.id;
    this.farEnd.restore(state.heard);
    this.farEnd.allow(request.allows);
    this.voice.attach(listener, request.tap);
    // Before anybody is asked: what the far end has to say may come in the same chunk as the server's answer.
    const dialog = restoreDialog(on.link.srf, state);
    this.session = this.newSession(dialog, state.peer);
    if (state.interval !== null) this.session.offers.interval.resume(state.interval);
    on.link.name(this, state.id);
  }

  start(): void {
    const takeGuard = this.voice.after(this.on.deadlines.receipt, () => this.taken('gone'));
    takeOver(this.on.link.srf, this.session.id, (taken) =>
      this.voice.safely(() => {
        takeGuard();
        this.taken(taken);
      }),
    );
  }

  get dialog(): DialogIds {
    return this.session.ids;
  }

  protected get auth(): ResumeRequest['auth'] {
    return this.request.auth;
  }

  bye(headers: readonly HeaderLine[]): void {
    if (!this.voice.ended) this.session.bye(headers);
  }

  reject(_code: number, _reason: string, headers: readonly HeaderLine[]): void {
    this.bye(headers);
  }

  cancel(headers: readonly HeaderLine[]): void {
    this.bye(headers);
  }

  /** All three belong to an INVITE that is answered. */
  ring(_code: number, _reason: string, _sdp: string | null): void {
    return;
  }

  answer(_sdp: string): void {
    return;
  }

  ack(_sdp: string): void {
    return;
  }

  /** Never: the session is there from the beginning. */
  protected early(_req: Request, _res: Response): boolean {
    return false;
  }

  private taken(taken: Taken): void {
    if (this.voice.ended) return;
    if (taken === 'gone') {
      this.session.forget();
      return this.voice.tell({ type: 'lost' });
    }
    if (taken === 'deaf') {
      const vanished = (): void => this.voice.safely(() => this.session.vanished());
      this.on.link.watch.add(this.session.id, vanished);
      this.session.offers.interval.takeOn();
    }
    this.voice.tell({ type: 'resumed' });
  }
}
