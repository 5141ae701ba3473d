import type { LadderEntry } from '../../../ports/ladder.js';
import { arrowsOf, participantsOf } from './arrow.js';

/** The ladder as a Mermaid sequence diagram; participants are numbered because a leg's name has a hyphen. */
export function ladderMermaid(entries: readonly LadderEntry[]): string {
  const participants = participantsOf(entries);
  const alias = (name: string): string => `p${participants.indexOf(name)}`;
  const lines = [
    'sequenceDiagram',
    ...participants.map((name) => `  participant ${alias(name)} as ${escape(name)}`),
    ...arrowsOf(entries).map((a) => `  ${alias(a.from)}->>${alias(a.to)}: ${a.time} ${escape(a.label)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** `;` ends a statement, `#` begins an entity and `<` a tag: all three are written as entities. */
const escape = (text: string): string => text.replace(/[#;<>]/g, (char) => `#${char.charCodeAt(0)};`);
