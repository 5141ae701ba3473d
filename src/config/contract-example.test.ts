import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from './load-config.js';
import { thisMachine } from './machine.js';

/** The documented example, word for word but for the secrets, which have to be somebody's own. */
const EXAMPLE = `sip:
  server: embedded                 # or { host, port, secret, tls } of a drachtio-server
  listen: [ "udp:127.0.0.1:5060", "tcp:127.0.0.1:5060" ]     # embedded only
media:
  server: embedded                 # or a list of { address, port, secret, profile } of FreeSWITCH media servers, or none
store: memory                      # or redis://host:6379/0, or { sentinels: [...] } or { cluster: [...] }
api: { listen: "127.0.0.1:8080", tokens: [] }                # a non-loopback listen without tokens is refused at start
trunks:
  carrier:
    allow: [ "127.0.0.1/32" ]      # sources; others get no answer
    proxy: "sip:127.0.0.1:5080"    # where calls to the network go
    auth: { username: u, passwordFile: /run/secrets/p }      # answers 401/407; optional, as is register: true
    numberFormat: raw              # raw | e164 | plainE164 | national(<CC>)
    transfer: { refer: auto }      # auto | yes | no : does this trunk take REFER
    callerId: { policy: caller }   # caller | bot | fixed | anonymous   (foreign number on a registering trunk is refused unless allowForeignCallerId: true)
  ivr: { allow: [ "127.0.0.2/32" ], proxy: "sip:127.0.0.2:5060" }
channels:                          # a bot and how calls reach it; its key is the id used by JAICP's transferChannel
  support-line:
    match: { trunk: carrier, did: [ "1800*" ] }              # exact, or longest prefix
    trunk: carrier                 # for calls this channel makes
    media: direct                  # direct | anchored
    bot: { kind: sip, uri: "sip:127.0.0.1:5090", events: { url: "http://127.0.0.1:9000/events", dialect: native, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" } }
  ivr-line:
    match: { did: [ "1900*" ] }
    media: anchored
    bot: { kind: webhook, url: "http://127.0.0.1:9000/bot", dialect: jaicp, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }
  ivr-handoff:                     # an IVR that routes calls through us: no bot, the request is the transfer command
    match: { trunk: ivr }
    route: requestUri              # requestUri (user part: extension, queue name or number; X-* headers travel on) | a target as in section 3
    events: { url: "http://127.0.0.1:9000/events", dialect: native, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }
targets:                           # names and patterns a command or Refer-To user may use
  queues:  { support: { members: [ "sip:agent1@127.0.0.1:5070" ], strategy: ringAll, maxWaitMs: 60000, music: "moh.wav", overflow: { node: Apology } } }
  extensions: { "7001": { queue: support } }
policy:
  allow: { countries: [ US ], hosts: [ "127.0.0.1" ] }       # targets outside are refused before any SIP; premium ranges always
  referFromNetwork: deny           # deny (603) | allow, per trunk and channel too
transfer:                          # defaults < channel < integration < node < command; each answer says which layer set a value (explain)
  method: auto
  ringTimeoutMs: 30000
  onFailure:
    - { match: [ busy, no_answer ], action: goto, node: Apology, message: { text: "All agents are busy." } }
    - { match: [ "5xx" ], action: next }
    - { match: [ "*" ], action: end, message: { file: "sorry.wav" } }
`;

function mistakes(yaml: string, programs: readonly string[] = []): readonly string[] {
  const readFile = (path: string): string => (path === 'x.yaml' ? yaml : 'password\n');
  const { unplayable } = thisMachine('');
  const machine = { unplayable, runs: (program: string) => programs.includes(program) };
  try {
    loadConfig({ file: 'x.yaml', env: {}, readFile, machine });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
}

describe('the documented example', () => {
  it('loads word for word, with the sounds that come with Switchhook', () => {
    expect(mistakes(EXAMPLE, ['espeak-ng'])).toEqual([]);
  });

  it('where nothing speaks, its text is the one mistake', () => {
    expect(mistakes(EXAMPLE).map((line) => line.replace(/^x\.yaml:\d+:\d+: /, ''))).toEqual([
      'transfer.onFailure[0].message.text: cannot be spoken: there is no speech on this machine; install espeak-ng, configure sounds.speech, or use a file',
    ]);
  });

  it.each([
    'store: "redis://127.0.0.1:6379/0"',
    'store: { url: "rediss://h:6379/0", password: x, keepEndedMs: 86400000 }',
    'store: { sentinels: [ "127.0.0.1:26379" ], sentinelPassword: y, tls: true }',
    'store: { cluster: [ "127.0.0.1:7000" ], username: u, keepEndedMs: 86400000 }',
  ])('%s is a store', (yaml) => {
    expect(mistakes(yaml)).toEqual([]);
  });

  it.each([
    ['store: "redis://h/x"', 'store: is no store; write memory, or redis://host:6379/0'],
    ['store: { cluster: [ "127.0.0.1:7000" ], db: 1 }', /^store\.db: /],
    ['store: { cluster: [ "nowhere" ] }', /^store\.cluster\[0\]: is no host and port/],
  ])('%s is none', (yaml, problem) => {
    const lines = mistakes(yaml).map((line) => line.replace(/^x\.yaml:\d+:\d+: /, ''));
    expect(lines).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });
});
