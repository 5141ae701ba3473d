import { apiRequest } from './api-request.js';
import { type ClientIo, complain, type ExitCode } from './io.js';
import type { CliCommand } from './parse-cli.js';
import { sseEvents } from './sse-lines.js';

/** `switchhook watch`: prints events until the user interrupts (exit 0) or the stream breaks (exit 1). */
export async function runWatch(
  command: Extract<CliCommand, { name: 'watch' }>,
  io: ClientIo,
): Promise<ExitCode> {
  const query = command.after === null ? '' : `?after=${encodeURIComponent(command.after)}`;
  const answer = await apiRequest(io, command, { path: `/v1/events${query}`, accept: 'text/event-stream' });
  const interrupted = (): boolean => io.signal?.aborted === true;
  if (!answer.ok) return interrupted() ? 0 : complain(io, answer.line);
  let last = '';
  try {
    for await (const { id, data } of sseEvents(answer.response.body ?? new ReadableStream<Uint8Array>())) {
      last = id;
      const event = parse(data);
      if (command.call !== null && event?.['callId'] !== command.call) continue;
      io.stdout.write(command.json || event === undefined ? `${data}\n` : `${lineOf(event)}\n`);
    }
  } catch {
    // A broken stream and one the engine closed end alike: with the way to go on.
  }
  if (interrupted()) return 0;
  return complain(io, `the engine closed the stream${last === '' ? '' : `; go on with --after ${last}`}`);
}

type Event = Readonly<Record<string, unknown>>;

function parse(data: string): Event | undefined {
  try {
    const event: unknown = JSON.parse(data);
    return typeof event === 'object' && event !== null ? (event as Event) : undefined;
  } catch {
    return undefined;
  }
}

/** `12:00:00.000 call_1 #7 transfer.failed busy -> goto Apology`. */
function lineOf({ time, callId, seq, type, data }: Event): string {
  const { outcome, next, attempt, targets } = (data ?? {}) as Event;
  const { action, node } = (next ?? {}) as Event;
  const target =
    (attempt as Event | undefined)?.['target'] ?? (Array.isArray(targets) ? targets.join(', ') : undefined);
  const step =
    typeof action === 'string' ? `-> ${action}${typeof node === 'string' ? ` ${node}` : ''}` : undefined;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  return [clock, callId, `#${String(seq)}`, type, target, outcome, step]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .join(' ');
}
