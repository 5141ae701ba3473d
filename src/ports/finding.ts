/** What was found out about one thing an engine depends on; `switchhook doctor` prints it. */
export interface Finding {
  /** `warn`: the engine works, and somebody will be sorry later. */
  readonly verdict: 'ok' | 'warn' | 'bad';
  /** What was looked at: `Redis 127.0.0.1:6379`. */
  readonly about: string;
  /** Goes on from `about`: `refuses the password`. */
  readonly says: string;
  /** The way out; `null` when nothing is to be done. */
  readonly todo: string | null;
}

export const good = (about: string, says: string): Finding => ({ verdict: 'ok', about, says, todo: null });
export const warn = (about: string, says: string, todo: string): Finding => ({
  verdict: 'warn',
  about,
  says,
  todo,
});
export const bad = (about: string, says: string, todo: string): Finding => ({
  verdict: 'bad',
  about,
  says,
  todo,
});
