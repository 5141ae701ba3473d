import type { Path, Problem } from '../shape/path.js';
import type { Config } from './schema.js';

interface Row {
  /** `*` stands for any key. */
  readonly key: string;
  readonly when: (value: unknown) => boolean;
  /** What is missing and the way out. */
  readonly message: string;
}

const isNot =
  (...usual: readonly unknown[]) =>
  (value: unknown): boolean =>
    !usual.includes(value);
const is =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);
const given = (): boolean => true;
const notEmpty = (value: unknown): boolean =>
  typeof value === 'object' && Object.keys(value ?? {}).length > 0;

/** Keys the schema knows and this version cannot serve: refusing them beats ignoring them. Built = row deleted. */
export const notYetRows: readonly Row[] = [
  {
    key: 'media.server',
    when: Array.isArray,
    message: 'media servers are not available in this version; use embedded or none',
  },
  {
    key: 'store',
    when: isNot('memory'),
    message: 'only the memory store is available in this version; use memory',
  },
  {
    key: 'trunks.*.register',
    when: is(true),
    message: 'registration is not available in this version; use false',
  },
  {
    key: 'trunks.*.transfer.refer',
    when: is('yes'),
    message: 'transfer by REFER is not available in this version; use auto or no',
  },
  {
    key: 'channels.*.media',
    when: is('anchored'),
    message: 'anchored media is not available in this version; use direct',
  },
  {
    key: 'channels.*.bot.kind',
    when: is('webhook'),
    message: 'webhook bots are not available in this version; use a bot of kind sip',
  },
  {
    key: 'channels.*.route',
    when: given,
    message: 'channels without a bot are not available in this version; give the channel a bot',
  },
  { key: 'targets.queues', when: notEmpty, message: 'queues are not available in this version; remove them' },
  {
    key: 'targets.extensions',
    when: notEmpty,
    message: 'extensions are not available in this version; remove them',
  },
  {
    key: 'policy.allow.countries',
    when: given,
    message:
      'restriction by country is not available in this version; restrict the trunk, or use policy.allow.hosts',
  },
  ...['policy', 'trunks.*', 'channels.*'].map((at) => ({
    key: `${at}.referFromNetwork`,
    when: is('allow'),
    message: 'transfer by REFER from the network is not available in this version; use deny',
  })),
  ...['transfer', 'channels.*.transfer'].map((at) => ({
    key: `${at}.method`,
    when: is('refer', 'bye'),
    message: 'this method is not available in this version; use auto or invite',
  })),
];

export const notYetProblems = (config: Config): Problem[] =>
  notYetRows.flatMap((row) =>
    find(config, row.key.split('.'), [])
      .filter(({ value }) => row.when(value))
      .map(({ path }) => ({ path, message: row.message })),
  );

function find(value: unknown, keys: readonly string[], path: Path): { value: unknown; path: Path }[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [{ value, path }];
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(([k]) => key === '*' || k === key);
  return entries.flatMap(([k, v]) => find(v, rest, [...path, k]));
}
