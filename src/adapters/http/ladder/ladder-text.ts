import type { LadderEntry } from '../../../ports/ladder.js';
import { arrowsOf, participantsOf, plain, type Arrow } from './arrow.js';

const TIME_WIDTH = 11;
const MIN_GAP = 22;
const MAX_GAP = 64;

/**
 * ```
 *               caller             switchhook               bot
 *           192.0.2.7:5060                            127.0.0.1:5090
 *    +0.000        |---- INVITE (SDP) --->|                   |
 *    +0.012        |                      |-- INVITE (SDP) -->|
 * ```
 */
export function ladderText(entries: readonly LadderEntry[]): string {
  const participants = participantsOf(entries);
  const arrows = arrowsOf(entries);
  const gap = gapFor(arrows, participants);
  const column = (name: string): number =>
    TIME_WIDTH + Math.floor(gap / 2) + participants.indexOf(name) * gap;
  const lines = participants.map(column);
  const width = TIME_WIDTH + participants.length * gap + 1;
  const rows = [
    heading(participants, lines, width),
    heading(
      participants.map((name) => peerOf(name, entries)),
      lines,
      width,
    ),
    ...arrows.map((arrow) => row(arrow, column(arrow.from), column(arrow.to), lines, width)),
  ];
  return `${rows.map((r) => r.trimEnd()).join('\n')}\n`;
}

const peerOf = (leg: string, entries: readonly LadderEntry[]): string =>
  plain(entries.find((entry) => entry.leg === leg && entry.peer !== null)?.peer ?? '');

/** Wide enough for every label on its arrow; an arrow over several columns has room for more. */
function gapFor(arrows: readonly Arrow[], participants: readonly string[]): number {
  const needed = arrows.map(({ from, to, label }) => {
    const span = Math.abs(participants.indexOf(from) - participants.indexOf(to)) || 1;
    return Math.ceil((label.length + 8) / span);
  });
  return Math.min(MAX_GAP, Math.max(MIN_GAP, ...needed));
}

function heading(texts: readonly string[], lines: readonly number[], width: number): string {
  const row = new Array<string>(width + MAX_GAP).fill(' ');
  texts.forEach((text, i) => write(row, Math.max(0, (lines[i] ?? 0) - Math.floor(text.length / 2)), text));
  return row.join('');
}

function row(arrow: Arrow, from: number, to: number, lines: readonly number[], width: number): string {
  const chars = new Array<string>(width).fill(' ');
  write(chars, 0, arrow.time.padStart(TIME_WIDTH - 2));
  for (const x of lines) chars[x] = '|';
  const left = Math.min(from, to);
  const inside = Math.max(from, to) - left - 1;
  chars.fill('-', left + 1, left + 1 + inside);
  chars[to > from ? to - 1 : to + 1] = to > from ? '>' : '<';
  const room = inside - 4;
  const text = arrow.label.length > room ? `${arrow.label.slice(0, room - 2)}..` : arrow.label;
  write(chars, left + 1 + Math.floor((inside - text.length - 2) / 2), ` ${text} `);
  return chars.join('');
}

function write(row: string[], at: number, text: string): void {
  for (let i = 0; i < text.length; i += 1) row[at + i] = text.charAt(i);
}
