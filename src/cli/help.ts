import { COMMANDS, type CommandName, type CommandSpec } from './command-table.js';

/** `switchhook --help`. */
export function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  return `usage: switchhook <command>\n\n${rows.join('\n')}\n\nswitchhook <command> --help says more.\n`;
}

/** `switchhook <command> --help`. */
export function helpOf(name: CommandName): string {
  const { usage, summary, lines }: CommandSpec = COMMANDS[name];
  const options = [...lines, '--help                this text'].map((line) => `  ${line}\n`).join('');
  return `usage: switchhook ${name}${usage === '' ? '' : ` ${usage}`}\n\n${summary}\n\n${options}`;
}
