import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { closest } from '../shape/closest.js';
import { COMMANDS, type CommandName, type CommandSpec } from './command-table.js';

export interface Options {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/** The options of one command, or `help` when they ask for it; what `parseArgs` says in paragraphs becomes one line. */
export function parseOptions(name: CommandName, argv: readonly string[]): Options | 'help' {
  const spec: CommandSpec = COMMANDS[name];
  const options = { ...spec.options, help: { type: 'boolean', short: 'h' } } as const;
  if (argv.includes('--help') || argv.includes('-h')) return 'help';
  const { values, positionals } = parsed(name, Object.keys(options), () =>
    parseArgs({ args: [...argv], options, strict: true, allowPositionals: true }),
  );
  const [fewest, most] = spec.arguments;
  const usage = `usage: switchhook ${name} ${spec.usage}`.trimEnd();
  if (positionals.length < fewest) throw new UsageError(`${name}: an argument is missing; ${usage}`);
  if (positionals.length > most) {
    throw new UsageError(`${name}: unexpected argument "${positionals[most] ?? ''}"; ${usage}`);
  }
  return { values, positionals };
}

function parsed<T>(name: string, known: readonly string[], parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    // parseArgs names the option in single quotes: 'Unknown option '--x'', 'Option '--to <value>' argument missing'.
    const option = /'(-{1,2}[^' ]+)/.exec(message)?.[1] ?? '';
    if (message.startsWith('Unknown option')) {
      const meant = closest(option.replace(/^-+/, ''), known);
      const wayOut = meant === undefined ? `see switchhook ${name} --help` : `did you mean --${meant}?`;
      throw new UsageError(`${name}: unknown option ${option}; ${wayOut}`, { cause: error });
    }
    const wrong = message.includes('does not take') ? 'takes no value' : 'needs a value';
    throw new UsageError(`${name}: ${option} ${wrong}; see switchhook ${name} --help`, { cause: error });
  }
}
