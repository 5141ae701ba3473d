import { closest } from '../shape/closest.js';
import { formatPath, type Path, type Problem } from '../shape/path.js';
import { parseHostPort } from '../sip/host-port.js';
import { parseSipUriOrAddress } from '../sip/sip-uri.js';
import type { Config } from './schema.js';

/** A target as the configuration writes one. */
export type TargetConfig = Config['targets']['extensions'][string];

interface Named {
  readonly target: TargetConfig;
  readonly path: Path;
}

/** Every name a target uses must exist, no name may lead back to itself, and every address must be allowed. */
export function targetProblems(config: Config): Problem[] {
  const named = targetsOf(config);
  return [
    ...named.flatMap((n) => unknownNames(config, n)),
    ...loops(config),
    ...digitsAfterRedirect(config),
    ...named.flatMap(({ target, path }) =>
      'sipUri' in target ? outside(config, target.sipUri, [...path, 'sipUri']) : [],
    ),
    ...Object.entries(config.targets.queues).flatMap(([name, { members }]) =>
      members.flatMap((uri, i) => outside(config, uri, ['targets', 'queues', name, 'members', i])),
    ),
  ];
}

function targetsOf({ targets, channels }: Config): readonly Named[] {
  return [
    ...Object.entries(targets.extensions).map(([name, target]) => ({
      target,
      path: ['targets', 'extensions', name],
    })),
    ...Object.entries(targets.queues).flatMap(([name, { overflow }]) =>
      overflow === undefined || 'node' in overflow
        ? []
        : [{ target: overflow, path: ['targets', 'queues', name, 'overflow'] }],
    ),
    ...Object.entries(channels).flatMap(([id, { route, redirect, bot }]) => [
      ...(route === undefined || route === 'requestUri'
        ? []
        : [{ target: route, path: ['channels', id, 'route'] }]),
      ...(redirect === undefined ? [] : [{ target: redirect, path: ['channels', id, 'redirect'] }]),
      ...(bot?.kind !== 'webhook' || bot.fallback.target === undefined
        ? []
        : [{ target: bot.fallback.target, path: ['channels', id, 'bot', 'fallback', 'target'] }]),
    ]),
  ];
}

function unknownNames({ targets }: Config, { target, path }: Named): Problem[] {
  const missing = (kind: 'queue' | 'extension', name: string, known: readonly string[]): Problem[] => {
    if (known.includes(name)) return [];
    const meant = closest(name, known);
    const wayOut = meant === undefined ? `define it under targets.${kind}s` : `did you mean "${meant}"?`;
    return [{ path: [...path, kind], message: `there is no ${kind} "${name}"; ${wayOut}` }];
  };
  if ('queue' in target) return missing('queue', target.queue, Object.keys(targets.queues));
  if ('extension' in target) return missing('extension', target.extension, Object.keys(targets.extensions));
  return [];
}

/** After a 302 nobody of ours is there to press keys, whatever name they hide behind. */
function digitsAfterRedirect({ channels, targets }: Config): Problem[] {
  return Object.entries(channels).flatMap(([id, { redirect }]) => {
    const seen = new Set<TargetConfig>();
    let at: TargetConfig | undefined = redirect;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      if ('postDial' in at) {
        const message = 'leads to digits after the answer (postDial), which cannot follow a 302; use route';
        return [{ path: ['channels', id, 'redirect'], message }];
      }
      at = standsFor(targets, at);
    }
    return [];
  });
}

/** What an extension, or a queue nobody answers, leads to. */
function standsFor(
  { extensions, queues }: Config['targets'],
  target: TargetConfig,
): TargetConfig | undefined {
  if ('extension' in target) return extensions[target.extension];
  const overflow = 'queue' in target ? queues[target.queue]?.overflow : undefined;
  return overflow === undefined || 'node' in overflow ? undefined : overflow;
}

type Node = `${'queue' | 'extension'} ${string}`;

/** Names lead to at most one other name each, so a loop is found by walking on until a name comes again. */
function loops(config: Config): Problem[] {
  const { queues, extensions } = config.targets;
  const problems: Problem[] = [];
  const reported = new Set<Node>();
  for (const start of [
    ...Object.keys(extensions).map((name): Node => `extension ${name}`),
    ...Object.keys(queues).map((name): Node => `queue ${name}`),
  ]) {
    const walked: Node[] = [];
    let at: Node | undefined = start;
    while (at !== undefined && !walked.includes(at)) {
      walked.push(at);
      at = leadsTo(config, at);
    }
    if (at !== start || reported.has(start)) continue;
    walked.forEach((node) => reported.add(node));
    const path = pathOf(start);
    problems.push({ path, message: `leads back to itself: ${[...walked, start].join(' -> ')}` });
  }
  return problems;
}

function leadsTo({ targets }: Config, node: Node): Node | undefined {
  const [kind, name = ''] = node.split(' ');
  const overflow = kind === 'queue' ? targets.queues[name]?.overflow : undefined;
  const target =
    kind === 'extension'
      ? targets.extensions[name]
      : overflow === undefined || 'node' in overflow
        ? undefined
        : overflow;
  if (target === undefined) return undefined;
  if ('queue' in target) return `queue ${target.queue}`;
  return 'extension' in target ? `extension ${target.extension}` : undefined;
}

function pathOf(node: Node): Path {
  const [kind, name = ''] = node.split(' ');
  return kind === 'queue' ? ['targets', 'queues', name, 'overflow'] : ['targets', 'extensions', name];
}

/** An address the policy would refuse every time is a mistake of the configuration, not of a caller. */
function outside({ policy }: Config, text: string, path: Path): Problem[] {
  const { hosts } = policy.allow;
  const host = parseSipUriOrAddress(text)?.host;
  if (hosts === undefined || host === undefined) return [];
  const allowed = hosts.some((h) => parseHostPort(h)?.host === host);
  const key = formatPath(['policy', 'allow', 'hosts']);
  return allowed
    ? []
    : [{ path, message: `${host} is not among ${key}, so it is never called; add it there` }];
}
