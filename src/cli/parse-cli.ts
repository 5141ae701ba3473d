import { UsageError } from '../errors.js';
import { closest } from '../shape/closest.js';
import { COMMANDS, type CommandName } from './command-table.js';
import { helpOf, overview } from './help.js';
import { type CarrierArguments, parseCarrierArguments } from './parse-carrier.js';
import { parseServerArguments, type ServerArguments } from './parse-server.js';
import { parseTransferArguments, type TransferArguments } from './parse-transfer.js';
import { type Options, parseOptions } from './parse-options.js';

/** Where the API is and how to be let in. */
export interface ApiAccess {
  readonly api: string;
  readonly token: string | null;
}

/** What a command line asks for. `config: null` = the default one. */
export type CliCommand =
  | { readonly name: 'help'; readonly text: string }
  | { readonly name: 'version' }
  | { readonly name: 'start' | 'check-config'; readonly config: string | null }
  | { readonly name: 'doctor'; readonly config: string | null; readonly json: boolean }
  | { readonly name: 'demo'; readonly breaks: string | null }
  | {
      readonly name: 'scenarios';
      readonly names: readonly string[];
      readonly all: boolean;
      readonly keep: boolean;
      readonly server: ServerArguments | null;
    }
  | ({ readonly name: 'carrier' } & CarrierArguments)
  | ({ readonly name: 'transfer' } & TransferArguments & ApiAccess)
  | ({
      readonly name: 'watch';
      readonly call: string | null;
      readonly after: string | null;
      readonly json: boolean;
    } & ApiAccess)
  | ({
      readonly name: 'ladder';
      readonly callId: string;
      readonly format: 'text' | 'json' | 'mermaid';
    } & ApiAccess);

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the arguments after the program's name.
 *
 * @throws UsageError with one line that names the thing and the way out; exit code 2
 */
export function parseCli(argv: readonly string[], env: Env = {}): CliCommand {
  const [name, ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help', text: overview() };
  if (name === '--version' || name === '-v') return { name: 'version' };
  if (name === undefined) throw new UsageError(`no command given; one of ${NAMES.join(', ')}`);
  if (!isCommand(name)) {
    const meant = closest(name, NAMES);
    const wayOut = meant === undefined ? `one of ${NAMES.join(', ')}` : `did you mean "${meant}"?`;
    throw new UsageError(`unknown command "${name}"; ${wayOut}`);
  }
  const parsed = parseOptions(name, rest);
  return parsed === 'help' ? { name: 'help', text: helpOf(name) } : commandOf(name, parsed, env);
}

const NAMES = Object.keys(COMMANDS);

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

function commandOf(name: CommandName, { values, positionals }: Options, env: Env): CliCommand {
  switch (name) {
    case 'start':
      return { name, config: text(values['config']) };
    case 'doctor':
      return { name, config: text(values['config']), json: values['json'] === true };
    case 'check-config':
      return { name, config: positionals[0] ?? text(values['config']) };
    case 'demo':
      return { name, breaks: text(values['break']) };
    case 'scenarios':
      return scenariosOf(values, positionals);
    case 'transfer':
      return {
        name,
        ...parseTransferArguments(positionals[0] ?? '', values),
        ...accessOf(name, values, env),
      };
    case 'watch': {
      const { call, after, json } = values;
      return {
        name,
        call: text(call),
        after: text(after),
        json: json === true,
        ...accessOf(name, values, env),
      };
    }
    case 'ladder': {
      if (values['json'] === true && values['mermaid'] === true)
        throw new UsageError('ladder: give --json or --mermaid, not both');
      const format = values['json'] === true ? 'json' : values['mermaid'] === true ? 'mermaid' : 'text';
      return { name, callId: positionals[0] ?? '', format, ...accessOf(name, values, env) };
    }
  }
}

function scenariosOf(values: Options['values'], names: readonly string[]): CliCommand {
  if (values['carrier'] !== undefined) return { name: 'carrier', ...parseCarrierArguments(values) };
  const server = parseServerArguments(values);
  return { name: 'scenarios', names, all: values['all'] === true, keep: values['keep'] === true, server };
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function accessOf(name: string, values: Options['values'], env: Env): ApiAccess {
  const api = text(values['api']) ?? env['SWITCHHOOK_API'] ?? 'http://127.0.0.1:8080';
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new UsageError(`${name}: --api "${api}" is no URL; write http://127.0.0.1:8080`);
  }
  return { api: api.replace(/\/$/, ''), token: text(values['token']) ?? env['SWITCHHOOK_TOKEN'] ?? null };
}
