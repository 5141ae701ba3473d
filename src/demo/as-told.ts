import type { Observation, Wanted } from './journal.js';
import { memberOf, mismatch, textOf } from './mismatch.js';

/** Why the events are not the ones a story tells of; `undefined`: they are. */
export function eventsProblem(events: readonly unknown[], wanted: readonly Wanted[]): string | undefined {
  const asked = events.filter((e) => textOf(e, 'type') === 'transfer.requested');
  const terminal = events.filter((e) => /^transfer\.(completed|failed|cancelled)$/.test(textOf(e, 'type')));
  if (terminal.length !== asked.length)
    return `the bot was told ${terminal.length} outcomes of ${asked.length} transfer(s)`;
  const gap = events.findIndex((e, i) => memberOf(e, 'seq') !== i + 1);
  if (gap >= 0) return `event ${gap + 1} of the call has seq ${textOf(events[gap], 'seq') || 'none'}`;
  let at = 0;
  for (const { as, fields } of wanted) {
    const event = memberOf(fields, 'event');
    const found = events.findIndex(
      (e, i) => i >= at && mismatch(e, { type: memberOf(event, 'type') }) === undefined,
    );
    if (found < 0) return `expected that ${as}`;
    const wrong = mismatch(events[found], event);
    if (wrong !== undefined) return `${textOf(event, 'type')}: ${wrong}`;
    at = found + 1;
  }
  return undefined;
}

/** Why the bot's way through its flow is not the one a story tells of. */
export function nodesProblem(seen: readonly Observation[], wanted: readonly string[]): string | undefined {
  const went = seen.filter((o) => o.kind === 'node').map((o) => textOf(o.fields, 'node'));
  const same = went.join(' ') === wanted.join(' ');
  return same ? undefined : `the bot went to ${went.join(', ') || 'no node'}, not to ${wanted.join(', ')}`;
}
