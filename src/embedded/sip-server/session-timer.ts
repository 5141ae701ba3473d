import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import { H } from './header-names.js';
import { headerParam } from './name-addr.js';
import { serverBye } from './server-bye.js';
import { refreshSession } from './session-refresh.js';
import type { SipMessage } from './sip-message.js';
import { Timer } from './timer-wheel.js';

/** An agreed session interval (RFC 4028). */
export interface Session {
  readonly seconds: number;
  readonly weRefresh: boolean;
  /** Header lines the server has to add to its message. */
  readonly lines: string;
}

export function intervalOf(message: SipMessage): number {
  return parseInt(message.value(H.SessionExpires), 10);
}

/** What our 2xx to an INVITE or UPDATE agrees to: the application's word, else the caller's wish (protocol 6.5). */
export function sessionOfAnswer(core: Core, request: SipMessage, answer: SipMessage): Session | null {
  const given = answer.value(H.SessionExpires);
  const supports = request.lists(H.Supported, 'timer') || request.lists(H.Require, 'timer');
  if (given !== '') {
    const who = headerParam(given, 'refresher') ?? (supports ? 'uac' : 'uas');
    const seconds = parseInt(given, 10);
    return seconds > 0 ? { seconds, weRefresh: who === 'uas', lines: '' } : null;
  }
  const asked = request.value(H.SessionExpires);
  const wish = parseInt(asked, 10);
  if (asked === '' || !(wish > 0)) return null;
  const who = headerParam(asked, 'refresher') ?? core.options.defaultRefresher ?? (supports ? 'uac' : 'uas');
  if (who === 'none') return null;
  const seconds = Math.max(core.timers.minSeSeconds, wish);
  // RFC 4028 section 9: a caller that has to refresh must be required to.
  const require = who === 'uac' && supports && !answer.has(H.Require) ? 'Require: timer\r\n' : '';
  return {
    seconds,
    weRefresh: who === 'uas',
    lines: `Session-Expires: ${seconds};refresher=${who}\r\n${require}`,
  };
}

/** What the peer's 2xx to a request of ours agrees to. */
export function sessionOfResponse(response: SipMessage): Session | null {
  const seconds = intervalOf(response);
  if (!(seconds > 0)) return null;
  const who = headerParam(response.value(H.SessionExpires), 'refresher');
  return { seconds, weRefresh: who !== 'uas', lines: '' };
}

/** One running session interval: half of it to our refresh, or all of it to the end of a call nobody refreshed. */
export class SessionTimer extends Timer {
  constructor(
    private readonly core: Core,
    private readonly dialog: Dialog,
    readonly session: Session,
  ) {
    super();
    this.restart();
  }

  restart(): void {
    const full = this.session.seconds * this.core.timers.sessionSecond;
    this.core.wheel.arm(this, this.session.weRefresh ? full / 2 : full);
  }

  retryIn(ms: number): void {
    this.core.wheel.arm(this, ms);
  }

  stop(): void {
    this.core.wheel.cancel(this);
    this.dialog.session = null;
  }

  onTimer(): void {
    if (this.session.weRefresh) refreshSession(this.core, this.dialog, this);
    else this.expire();
  }

  expire(): void {
    serverBye(this.core, this.dialog, 'Session timer expired');
  }
}

/** Puts a new agreement in force; null ends the timer (RFC 4028 section 9). */
export function applySession(core: Core, dialog: Dialog, session: Session | null): void {
  dialog.session?.stop();
  if (session !== null && dialog.state === 'confirmed')
    dialog.session = new SessionTimer(core, dialog, session);
}
