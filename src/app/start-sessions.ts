import type { Config } from '../config/schema.js';
import { SessionDesk, type SessionDeskParts } from '../engine/sessions/desk.js';
import { Reaper, type ReaperParts } from '../engine/sessions/reaper.js';
import { Reconciler, type ReconcilerParts } from '../engine/sessions/reconciler.js';
import { Rounds } from '../engine/sessions/rounds.js';
import { SESSION_SETTINGS, type SessionSettings } from '../engine/sessions/session-settings.js';
import type { CallBook } from '../ports/call-book.js';
import type { Clock } from '../ports/clock.js';
import type { Sessions } from '../ports/sessions.js';
import type { Store } from '../ports/store.js';
import type { Shutdown } from './shutdown.js';

const MINUTE_MS = 60_000;

export function sessionSettings({ sessions }: Pick<Config, 'sessions'>): SessionSettings {
  const { voice, chat, messaging, email, campaign } = sessions.ttlMinutes;
  const ms = (minutes: number): number => Math.round(minutes * MINUTE_MS);
  return {
    ...SESSION_SETTINGS,
    reconcileMs: sessions.reconcileMs,
    ttlMs: {
      ...{ voice: ms(voice), chat: ms(chat), messaging: ms(messaging) },
      ...{ email: ms(email), campaign: ms(campaign) },
    },
  };
}

type Parts = Omit<SessionDeskParts, 'store'> &
  Omit<ReaperParts & ReconcilerParts, 'store' | 'isLive'> & {
    readonly clock: Clock;
    readonly store: Store;
    readonly book: Pick<CallBook, 'engineOf'>;
  };

/** Sessions as people and providers change them, and those looked after that nobody ends. Stopped by `shutdown`. */
export function startSessions(parts: Parts, shutdown: Shutdown): Sessions {
  const { book, settings } = parts;
  const watch = {
    ...parts,
    isLive: async (...[call]: Parameters<CallBook['engineOf']>) => (await book.engineOf(call)) !== null,
  };
  const reaper = new Reaper(watch);
  const reconciler = new Reconciler(watch);
  const rounds = [
    new Rounds(parts, settings.reapMs, 'expired sessions', () => reaper.round()),
    new Rounds(parts, settings.reconcileMs, 'sessions without a call', () => reconciler.round()),
  ];
  for (const round of rounds) {
    round.start();
    shutdown.add(() => {
      round.stop();
      return Promise.resolve();
    });
  }
  return new SessionDesk(parts);
}
