import { describe, expect, it } from 'vitest';
import { CALLER_ID_RECIPES } from '../domain/caller-id-recipes.js';
import { ConfigError, loadConfig } from './load-config.js';

const bot = 'bot: { kind: sip, uri: "sip:127.0.0.1:5090" }';

/** `key: message` of every mistake. */
function mistakes(yaml: string): readonly string[] {
  try {
    loadConfig({ file: 'x.yaml', env: {}, readFile: () => yaml });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.lines.map((line) => line.replace(/^x\.yaml:\d+:\d+: /, ''));
  }
}

/** A trunk `t` with a proxy and these keys, beside `other` with one and `deaf` without. */
const trunk = (keys: string) => `trunks:
  t: { allow: [ "::1" ], proxy: "sip:10.0.0.1", ${keys} }
  other: { allow: [ "::1" ], proxy: "sip:10.0.0.2" }
  deaf: { allow: [ "::1" ] }
`;
const auth = 'auth: { username: u, password: p }';

describe('trunks', () => {
  it.each([
    ['register: true, callerId: { policy: bot }', 't.register: needs credentials'],
    ['failover: [ t ]', 't.failover[0]: is the trunk itself'],
    ['failover: [ othr ]', 't.failover[0]: there is no trunk "othr"; did you mean "other"?'],
    ['failover: [ zzzzzz ]', 't.failover[0]: there is no trunk "zzzzzz"; define it under trunks'],
    ['failover: [ deaf ]', 't.failover[0]: the trunk "deaf" has no proxy'],
    ['failover: [ other, other ]', 't.failover[1]: names "other" twice'],
    ['callerId: { policy: fixed }', 't.callerId.number: is missing; the policy fixed needs a number'],
    [
      `register: true, ${auth}`,
      "t.callerId.policy: shows the caller's number, which a carrier one registers with refuses; use bot or fixed, or set callerId.allowForeignCallerId: true",
    ],
    [
      'transfer: { referTo: tel, headersIn: referTo }',
      't.transfer.headersIn: a tel: URI cannot carry headers',
    ],
    ['statusMap: { 200: 486 }', 't.statusMap.200: is no final code'],
    ['statusMap: { busy: 486 }', 't.statusMap.busy: is no final code'],
    ['statusMap: { 603: 302 }', 't.statusMap.603: must be a whole number from 400 to 699'],
    ['callerId: { recipe: pia }', 't.callerId.recipe: must be one of'],
    ['callerId: { recipe: { X-A: "{who}" } }', 't.callerId.recipe.X-A: knows no {who}; use {shown}'],
    ['callerId: { recipe: { "X A": "1" } }', 't.callerId.recipe["X A"]: is not a header name'],
    ['callerId: { recipe: { Contact: "<sip:x>" } }', 't.callerId.recipe.Contact: is reserved'],
    ['callerId: { recipe: { Content-Type: "x" } }', 't.callerId.recipe.Content-Type: is reserved'],
    ['callerId: { recipe: { Privacy: "none" } }', 't.callerId.recipe.Privacy: is written by the engine'],
    ['callerId: { recipe: { from: "<sip:x>" } }', 't.callerId.recipe.from: is written From'],
    ['callerId: { recipe: { X-A: "a\\r\\nb" } }', 't.callerId.recipe.X-A: has control characters'],
    ['limits: { concurrent: 0 }', 't.limits.concurrent: must be a whole number'],
    ['pingMs: 10', 't.pingMs: must be a whole number from 1000'],
  ])('%s', (keys, line) => {
    const found = mistakes(trunk(keys));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`trunks.${line}`);
  });

  it.each([
    [`register: true, callerId: { policy: bot }, ${auth}`, 'register: needs a proxy'],
    ['pingMs: 5000', 'pingMs: needs a proxy'],
    ['transfer: { refer: yes }', 'transfer.referTo: sip needs the host of a proxy'],
  ])('without a proxy: %s', (keys, line) => {
    expect(mistakes(`trunks: { t: { allow: [ "::1" ], ${keys} } }`)).toEqual([
      expect.stringContaining(`trunks.t.${line}`),
    ]);
  });

  it.each([
    `register: true, ${auth}, callerId: { allowForeignCallerId: true }`,
    `register: true, ${auth}, callerId: { policy: bot }`,
    'callerId: { policy: caller, number: "+16125550100" }',
    'callerId: { recipe: { From: "<sip:{business}@{host}>", P-Asserted-Identity: "<sip:{caller}@{host}>" } }',
    'failover: [ other ], statusMap: { 603: 486, 500: 480 }',
    'transfer: { referTo: tel }',
    ...Object.keys(CALLER_ID_RECIPES).map((name) => `callerId: { recipe: ${name} }`),
  ])('accepts %s', (keys) => expect(mistakes(trunk(keys))).toEqual([]));
});

describe('targets', () => {
  it.each([
    [
      'extensions: { "1": { queue: suport } }, queues: { support: { members: [ "sip:a" ] } }',
      'extensions.1.queue: there is no queue "suport"; did you mean "support"?',
    ],
    [
      'extensions: { "1": { extension: zzzz } }',
      'extensions.1.extension: there is no extension "zzzz"; define it under targets.extensions',
    ],
    [
      'extensions: { "1": { extension: "1" } }',
      'extensions.1: leads back to itself: extension 1 -> extension 1',
    ],
    [
      'extensions: { a: { extension: b }, b: { extension: a } }',
      'extensions.a: leads back to itself: extension a -> extension b -> extension a',
    ],
    [
      'queues: { q: { members: [ "sip:a" ], overflow: { queue: q } } }',
      'queues.q.overflow: leads back to itself: queue q -> queue q',
    ],
    [
      'queues: { q: { members: [ "sip:a" ], overflow: { extension: x } } }, extensions: { in: { extension: x }, x: { queue: q } }',
      'extensions.x: leads back to itself: extension x -> queue q -> extension x',
    ],
    [
      'queues: { q: { members: [ "sip:a" ], overflow: { queue: zzzzzz } } }',
      'queues.q.overflow.queue: there is no queue "zzzzzz"',
    ],
    ['queues: { q: { members: [ "16125550100" ] } }', 'queues.q.members[0]: is no SIP URI'],
    ['queues: { q: { members: [] } }', 'queues.q.members: needs at least 1'],
    [
      'queues: { q: { members: [ "sip:a" ], strategy: serial } }',
      'queues.q.strategy: must be one of ringAll, sequential, roundRobin',
    ],
  ])('%s', (targets, line) => {
    const found = mistakes(`targets: { ${targets} }`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`targets.${line}`);
  });

  it('an address outside policy.allow.hosts is never called, so it is a mistake', () => {
    const yaml = `policy: { allow: { hosts: [ 10.0.0.1 ] } }
targets:
  queues: { q: { members: [ "sip:a@10.0.0.1", "sip:b@10.0.0.9" ] } }
  extensions: { "1": { sipUri: "bob@10.0.0.8" } }
`;
    expect(mistakes(yaml)).toEqual([
      expect.stringContaining('targets.queues.q.members[1]: 10.0.0.9 is not among policy.allow.hosts'),
      expect.stringContaining('targets.extensions.1.sipUri: 10.0.0.8 is not among policy.allow.hosts'),
    ]);
  });

  it('chains that end are right', () => {
    const yaml = `targets:
  queues: { q: { members: [ "sip:a" ], overflow: { queue: r } }, r: { members: [ "sip:b" ], overflow: { node: Sorry } } }
  extensions: { a: { extension: b }, b: { queue: q } }
`;
    expect(mistakes(yaml)).toEqual([]);
  });
});

describe('channels', () => {
  it.each([
    ['extension: deep', true],
    ['queue: late', true],
    ['extension: plain', false],
    ['queue: plain', false],
  ])('a redirect to %s: leads to digits after the answer: %s', (target, leads) => {
    const found = mistakes(`channels: { c: { match: { did: [ "1" ] }, redirect: { ${target} } } }
targets:
  extensions:
    deep: { extension: keys }
    keys: { sipUri: "sip:a@10.0.0.1", postDial: "1" }
    plain: { sipUri: "sip:a@10.0.0.1" }
  queues:
    late: { members: [ "sip:b@10.0.0.1" ], overflow: { extension: deep } }
    plain: { members: [ "sip:b@10.0.0.1" ], overflow: { node: Apology } }`);
    const says = found.map((line) =>
      line.startsWith('channels.c.redirect: leads to digits after the answer'),
    );
    expect(says).toEqual(leads ? [true] : []);
  });

  it.each([
    [`${bot}, route: { sipUri: "sip:a" }`, 'c.route: stands beside bot'],
    ['route: { sipUri: "sip:a" }, refuse: {}', 'c.refuse: stands beside route'],
    ['redirect: { sipUri: "sip:a" }, refuse: {}', 'c.refuse: stands beside redirect'],
    ['route: requestUri', 'c.route: has no way out: no trunk for numbers, and no queue or extension'],
    ['route: { phoneNumber: "1" }', 'c.route: has no way out: a number leaves by a trunk'],
    ['route: { queue: zzzzzz }', 'c.route.queue: there is no queue "zzzzzz"'],
    ['redirect: { extension: zzzzzz }', 'c.redirect.extension: there is no extension "zzzzzz"'],
    ['refuse: { code: 302 }', 'c.refuse.code: must be a whole number from 400 to 699'],
    ['refuse: { reason: "a\\nb" }', 'c.refuse.reason: must be one line'],
  ])('%s', (keys, line) => {
    const found = mistakes(`channels: { c: { match: { did: [ "1" ] }, ${keys} } }`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`channels.${line}`);
  });

  it.each([
    'channels: { c: { match: { did: [ "1" ] }, route: { sipUri: "sip:a" }, events: { url: "http://a/" } } }',
    'channels: { c: { match: { did: [ "1" ] }, route: requestUri } }\ntargets: { extensions: { "1": { sipUri: "sip:a" } } }',
    'channels: { c: { match: { did: [ "1" ] }, refuse: { code: 486, reason: Busy } } }',
  ])('accepts %s', (yaml) => expect(mistakes(yaml)).toEqual([]));
});
