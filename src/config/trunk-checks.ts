import { PLACEHOLDERS, templateParts } from '../domain/caller-id-recipes.js';
import { closest } from '../shape/closest.js';
import type { Path, Problem } from '../shape/path.js';
import { parseHeaderName, parseHeaderValue } from '../sip/headers.js';
import { isReservedHeader } from '../sip/reserved-headers.js';
import type { Config, TrunkConfig } from './schema.js';

type Check = (name: string, trunk: TrunkConfig, trunks: Config['trunks']) => readonly [Path, string][];

/** Keys of a trunk that need each other, and the trunks it names. */
export const trunkProblems = ({ trunks }: Config): Problem[] =>
  Object.entries(trunks).flatMap(([name, trunk]) =>
    CHECKS.flatMap((check) =>
      check(name, trunk, trunks).map(([path, message]) => ({ path: ['trunks', name, ...path], message })),
    ),
  );

const credentials: Check = (_name, { auth }) =>
  auth !== undefined && auth.password === undefined
    ? [[['auth', 'password'], 'is missing; give password or passwordFile']]
    : [];

const registration: Check = (_name, { register, auth, proxy, pingMs }) => [
  ...(register && proxy === undefined
    ? [[['register'], 'needs a proxy to register with; set proxy'] as [Path, string]]
    : []),
  ...(register && auth === undefined
    ? [[['register'], 'needs credentials; set auth.username and auth.password'] as [Path, string]]
    : []),
  ...(pingMs !== undefined && proxy === undefined
    ? [[['pingMs'], 'needs a proxy to ask; set proxy'] as [Path, string]]
    : []),
];

const shownNumber: Check = (_name, { register, callerId }) => [
  ...(callerId.policy === 'fixed' && callerId.number === undefined
    ? [[['callerId', 'number'], 'is missing; the policy fixed needs a number'] as [Path, string]]
    : []),
  ...(callerId.policy === 'caller' && register && !callerId.allowForeignCallerId
    ? [
        [
          ['callerId', 'policy'],
          "shows the caller's number, which a carrier one registers with refuses; use bot or fixed, or set callerId.allowForeignCallerId: true",
        ] as [Path, string],
      ]
    : []),
];

const referForm: Check = (_name, { transfer, proxy }) => {
  if (transfer.headersIn === 'referTo' && transfer.referTo === 'tel')
    return [
      [['transfer', 'headersIn'], 'a tel: URI cannot carry headers; use referTo: sip, or headersIn: message'],
    ];
  return transfer.refer === 'yes' && transfer.referTo === 'sip' && proxy === undefined
    ? [[['transfer', 'referTo'], 'sip needs the host of a proxy for numbers; set proxy, or use tel']]
    : [];
};

const failover: Check = (name, trunk, trunks) =>
  trunk.failover.flatMap((other, i): [Path, string][] => {
    const path = ['failover', i];
    if (other === name) return [[path, 'is the trunk itself; name another']];
    if (trunk.failover.indexOf(other) < i) return [[path, `names "${other}" twice`]];
    const known = trunks[other];
    if (known === undefined) {
      const meant = closest(other, Object.keys(trunks));
      const wayOut = meant === undefined ? 'define it under trunks' : `did you mean "${meant}"?`;
      return [[path, `there is no trunk "${other}"; ${wayOut}`]];
    }
    return known.proxy === undefined
      ? [[path, `the trunk "${other}" has no proxy, so no call can leave by it; give it one`]]
      : [];
  });

const statusCodes: Check = (_name, { statusMap }) =>
  Object.keys(statusMap).flatMap((code): [Path, string][] =>
    /^[3-6]\d\d$/.test(code) ? [] : [[['statusMap', code], 'is no final code; write one such as 603']],
  );

/** What shows who calls is the recipe's to write; the rest of the reserved headers is the engine's. */
const IDENTITY: ReadonlySet<string> = new Set([
  'from',
  'p-asserted-identity',
  'p-preferred-identity',
  'diversion',
]);

const recipe: Check = (_name, { callerId }) =>
  typeof callerId.recipe === 'string'
    ? []
    : Object.entries(callerId.recipe).flatMap(([header, template]): [Path, string][] => {
        const message = headerMistake(header) ?? templateMistake(template);
        return message === undefined ? [] : [[['callerId', 'recipe', header], message]];
      });

function headerMistake(header: string): string | undefined {
  if (parseHeaderName(header) === undefined)
    return "is not a header name: 1 to 64 letters, digits or !%*_+'.~-";
  const lower = header.toLowerCase();
  if (lower === 'privacy') return 'is written by the engine: use policy: anonymous';
  if (lower === 'from' && header !== 'From') return 'is written From';
  return isReservedHeader(header) && !IDENTITY.has(lower)
    ? 'is reserved: the engine writes this header itself'
    : undefined;
}

function templateMistake(template: string): string | undefined {
  if (parseHeaderValue(template) === undefined) return 'has control characters';
  const known: readonly string[] = PLACEHOLDERS;
  const unknown = templateParts(template).find((part) => 'name' in part && !known.includes(part.name));
  return unknown === undefined || !('name' in unknown)
    ? undefined
    : `knows no {${unknown.name}}; use ${known.map((name) => `{${name}}`).join(' ')}`;
}

const CHECKS: readonly Check[] = [
  credentials,
  registration,
  shownNumber,
  referForm,
  failover,
  statusCodes,
  recipe,
];
