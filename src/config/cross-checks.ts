import { ruleProblems } from '../shape/failure-policy.js';
import type { Path, Problem } from '../shape/path.js';
import { policyProblems } from '../shape/policy-lint.js';
import { parseHostPort } from '../sip/host-port.js';
import { isLoopback } from '../sip/ip-address.js';
import { channelProblems } from './channel-checks.js';
import { mediaProblems } from './media-checks.js';
import type { Config } from './schema.js';
import type { SipServerConfig } from './sip-servers.js';
import { targetProblems } from './target-checks.js';
import { trunkProblems } from './trunk-checks.js';

/** Secrets everybody knows (security list S-8): they guard interfaces that can run commands. */
const WELL_KNOWN = ['cymru', 'ClueCon', 'JambonzR0ck$'];

/**
 * What a schema cannot say: keys that need each other, names that must exist.
 *
 * @param given whether the file itself has a key, default or not
 */
export const crossProblems = (config: Config, given: (path: Path) => boolean): Problem[] => [
  ...sipProblems(config, given),
  ...apiProblems(config),
  ...mediaProblems(config),
  ...trunkProblems(config),
  ...targetProblems(config),
  ...channelProblems(config),
  ...transferProblems(config),
];

function sipProblems({ sip: { server } }: Config, given: (path: Path) => boolean): Problem[] {
  if (server === 'embedded') return [];
  const message = 'belongs to the embedded server; a drachtio-server has it in its own configuration';
  const foreign = ['listen', 'timers'].filter((key) => given(['sip', key]));
  const problems = foreign.map((key): Problem => ({ path: ['sip', key], message }));
  if (!Array.isArray(server)) return [...problems, ...secretProblems(server, ['sip', 'server'])];
  return [
    ...problems,
    ...server.flatMap((one, i) => secretProblems(one, ['sip', 'server', i])),
    ...twice(server),
  ];
}

function secretProblems({ secret, host }: SipServerConfig, server: Path): Problem[] {
  const path = [...server, 'secret'];
  if (secret === undefined) return [{ path, message: 'is missing; give secret or secretFile' }];
  if (!WELL_KNOWN.includes(secret) || isLoopback(host)) return [];
  return [{ path, message: 'is the secret every installation starts with; set one of your own' }];
}

/** A second link to one server would be a second application to it, and would get every other call. */
function twice(servers: readonly SipServerConfig[]): Problem[] {
  const names = servers.map(({ host, port }) => `${host}:${port}`);
  return names.flatMap((name, i): Problem[] =>
    names.indexOf(name) === i
      ? []
      : [{ path: ['sip', 'server', i, 'host'], message: `${name} is listed twice` }],
  );
}

function apiProblems({ api }: Config): Problem[] {
  const host = parseHostPort(api.listen)?.host ?? '';
  if (isLoopback(host) || api.tokens.length > 0) return [];
  const message = `${host} can be reached from outside, and api.tokens is empty; set a token, or listen on 127.0.0.1`;
  return [{ path: ['api', 'listen'], message }];
}

function transferProblems(config: Config): Problem[] {
  const layers: [Path, Config['transfer']['onFailure'] | undefined][] = [
    [['transfer', 'onFailure'], config.transfer.onFailure],
    ...Object.entries(config.channels).map(([id, channel]): (typeof layers)[number] => [
      ['channels', id, 'transfer', 'onFailure'],
      channel.transfer?.onFailure,
    ]),
  ];
  return layers.flatMap(([path, rules = []]) => [
    ...ruleProblems(rules, path, 'configuration'),
    ...policyProblems(rules, path),
  ]);
}
