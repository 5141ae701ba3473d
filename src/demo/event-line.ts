import { basename } from 'node:path';
import type { Observation } from './journal.js';
import { memberOf, textOf } from './mismatch.js';

const NAME_WIDTH = 28;

/** What the bot saw and did, one line each; `undefined` for what only the phones know. */
export function botLine({ kind, fields }: Observation): string | undefined {
  if (kind === 'event') return eventLine(fields['event']);
  if (kind === 'node') return `       the bot goes to ${textOf(fields, 'node')}: "${textOf(fields, 'says')}"`;
  if (kind === 'command')
    return `       the bot asks for a transfer to ${textOf(fields, 'target', 'sipUri')}: ${textOf(fields, 'status')}`;
  if (kind === 'replies') return repliesLine(fields['replies']);
  if (kind === 'problem') return `       the bot has a problem: ${textOf(fields, 'message')}`;
  return undefined;
}

function repliesLine(replies: unknown): string {
  const all: readonly unknown[] = Array.isArray(replies) ? replies : [];
  return `       the bot replies: ${all.map(replyText).join(', then ')}`;
}

function replyText(reply: unknown): string {
  const type = textOf(reply, 'type');
  if (type === 'text') return `"${textOf(reply, 'text')}"`;
  return type === 'transfer' ? `transfer to ${textOf(reply, 'target', 'sipUri')}` : type;
}

function eventLine(event: unknown): string {
  const type = textOf(event, 'type');
  const seq = textOf(event, 'seq').padStart(4);
  return `${seq}   ${type.padEnd(NAME_WIDTH)}${important(type, memberOf(event, 'data'))}`.trimEnd();
}

/** The data a reader wants to see; the whole event is in `GET /v1/events`. */
function important(type: string, data: unknown): string {
  switch (type) {
    case 'call.started':
      return `from=${textOf(data, 'from')} to=${textOf(data, 'to')} trunk=${textOf(data, 'trunk')}`;
    case 'call.ended':
      return `by=${textOf(data, 'by')}`;
    case 'call.input':
      return `from=${textOf(data, 'from')} digits=${textOf(data, 'digits') || 'none'}`;
    case 'call.recording':
      return `state=${textOf(data, 'state')} file=${basename(textOf(data, 'path'))}`;
    case 'call.warning':
      return `problem=${textOf(data, 'problem')} (${textOf(data, 'detail')})`;
    case 'transfer.requested':
      return `reason=${textOf(data, 'reason')} method=${textOf(data, 'method')}`;
    case 'transfer.attempt.started':
    case 'transfer.attempt.answered':
    case 'transfer.bridged':
      return `target=${textOf(data, 'attempt', 'target')}`;
    case 'transfer.attempt.ringing':
      return `sipCode=${textOf(data, 'sipCode')}`;
    case 'transfer.attempt.ended':
      return `outcome=${textOf(data, 'outcome')} sipCode=${textOf(data, 'evidence', 'sipCode') || 'none'}`;
    default:
      return verdict(data);
  }
}

function verdict(data: unknown): string {
  if (memberOf(data, 'outcome') === undefined) return '';
  const node = textOf(data, 'next', 'node');
  const code = textOf(data, 'evidence', 'sipCode');
  return [
    `outcome=${textOf(data, 'outcome')}`,
    code === '' ? `decidedBy=${textOf(data, 'evidence', 'decidedBy')}` : `sipCode=${code}`,
    `next=${textOf(data, 'next', 'action')}${node === '' ? '' : `:${node}`}`,
    `transferStatus={${textOf(data, 'transferStatus', 'status')}, hangup: ${textOf(data, 'transferStatus', 'hangup')}}`,
  ].join(' ');
}
