import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { COMMANDS } from './command-table.js';
import { parseCli } from './parse-cli.js';

const access = { api: 'http://127.0.0.1:8080', token: null };

function refused(...argv: string[]): string {
  try {
    parseCli(argv);
    return '';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message;
  }
}

describe('the command line', () => {
  it.each([
    [['start'], { name: 'start', config: null }],
    [['start', '--config', 'x.yaml'], { name: 'start', config: 'x.yaml' }],
    [['start', '--config=x.yaml'], { name: 'start', config: 'x.yaml' }],
    [['demo'], { name: 'demo', breaks: null }],
    [['demo', '--break', 'busy'], { name: 'demo', breaks: 'busy' }],
    [['check-config', 'x.yaml'], { name: 'check-config', config: 'x.yaml' }],
    [['check-config'], { name: 'check-config', config: null }],
    [
      ['scenarios', '01', '02-busy', '--keep'],
      { name: 'scenarios', names: ['01', '02-busy'], all: false, keep: true, server: null },
    ],
    [['scenarios', '--all'], { name: 'scenarios', names: [], all: true, keep: false, server: null }],
    [
      ['scenarios', '--server', '127.0.0.1:9022:cymru', '--sip', '127.0.0.1:5060'],
      {
        ...{ name: 'scenarios', names: [], all: false, keep: false },
        server: { host: '127.0.0.1', port: 9022, secret: 'cymru', sip: { address: '127.0.0.1', port: 5060 } },
      },
    ],
    [
      ['scenarios', '--carrier', '127.0.0.1:5080', '--switch', 'lateNotify', '--switch', 'dropEvery=3'],
      {
        name: 'carrier',
        listen: '127.0.0.1:5080',
        switches: ['lateNotify', 'dropEvery=3'],
        call: null,
        auth: null,
      },
    ],
    [['doctor', '--json'], { name: 'doctor', config: null, json: true }],
    [
      ['watch', '--call', 'call_1', '--json'],
      { name: 'watch', call: 'call_1', after: null, json: true, ...access },
    ],
    [['ladder', 'call_1'], { name: 'ladder', callId: 'call_1', format: 'text', ...access }],
    [['ladder', 'call_1', '--mermaid'], { name: 'ladder', callId: 'call_1', format: 'mermaid', ...access }],
    [
      [
        'transfer',
        'call_1',
        '--to',
        '+1 612',
        '--to',
        'sip:bob@host',
        '--header',
        'X-A=b=c',
        '--ring-timeout',
        '500',
        '--return',
        '--method',
        'refer',
        '--extension',
        '7001',
        '--post-dial',
        'ww1',
        '--dry-run',
        '--api',
        'https://h/',
        '--token',
        't',
      ],
      {
        name: 'transfer',
        callId: 'call_1',
        targets: [
          { phoneNumber: '+1 612', postDial: 'ww1' },
          { sipUri: 'sip:bob@host', postDial: 'ww1' },
          { extension: '7001', postDial: 'ww1' },
        ],
        method: 'refer',
        headers: { 'X-A': 'b=c' },
        ringTimeoutMs: 500,
        returnToBot: true,
        dryRun: true,
        api: 'https://h',
        token: 't',
      },
    ],
    [
      ['transfer', 'call_1', '--queue', 'support', '--extension', '7001', '--to', '1'],
      {
        name: 'transfer',
        callId: 'call_1',
        targets: [{ phoneNumber: '1' }, { queue: 'support' }, { extension: '7001' }],
        method: null,
        headers: {},
        ringTimeoutMs: null,
        returnToBot: false,
        dryRun: false,
        ...access,
      },
    ],
  ])('%j', (argv, command) => expect(parseCli(argv)).toEqual(command));

  it('takes the API and the token from the environment when no option names them', () => {
    const env = { SWITCHHOOK_API: 'http://h:1', SWITCHHOOK_TOKEN: 's' };
    expect(parseCli(['watch'], env)).toMatchObject({ api: 'http://h:1', token: 's' });
    expect(parseCli(['watch', '--api', 'http://o:2', '--token', 'x'], env)).toMatchObject({
      api: 'http://o:2',
      token: 'x',
    });
  });

  it.each(Object.keys(COMMANDS))('%s --help explains every option', (name) => {
    const help = parseCli([name, '--help']);
    const text = help.name === 'help' ? help.text : '';
    expect(text).toMatch(new RegExp(`^usage: switchhook ${name}`));
    for (const option of Object.keys(COMMANDS[name as keyof typeof COMMANDS].options)) {
      expect(text).toContain(`--${option}`);
    }
  });

  it('--help and --version stand alone', () => {
    const help = parseCli(['--help']);
    for (const name of Object.keys(COMMANDS))
      expect(help.name === 'help' && help.text).toContain(`  ${name} `);
    expect(parseCli(['--version'])).toEqual({ name: 'version' });
  });

  it.each([
    [[], 'no command given; one of start, demo'],
    [['strat'], 'unknown command "strat"; did you mean "start"?'],
    [['fly'], 'unknown command "fly"; one of start'],
    [['__proto__'], 'unknown command'],
    [['start', '--cofnig', 'x'], 'start: unknown option --cofnig; did you mean --config?'],
    [['start', '--zzzzzz'], 'start: unknown option --zzzzzz; see switchhook start --help'],
    [['start', '--config'], 'start: --config needs a value'],
    [['scenarios', '--sip', '127.0.0.1:5060'], 'scenarios: --server and --sip belong together'],
    [
      ['scenarios', '--server', '127.0.0.1:cymru', '--sip', '127.0.0.1:5060'],
      'scenarios: --server wants HOST:PORT:SECRET',
    ],
    [['scenarios', '--keep=1'], 'scenarios: --keep takes no value'],
    [['start', 'x'], 'start: unexpected argument "x"; usage: switchhook start [--config FILE]'],
    [['ladder'], 'ladder: an argument is missing; usage: switchhook ladder <callId>'],
    [['ladder', 'c', '--json', '--mermaid'], 'not both'],
    [['transfer', 'c'], 'transfer: --to is missing'],
    [['transfer', 'c', '--to', 'bob'], '--to "bob" is neither a number nor a SIP URI'],
    [['transfer', 'c', '--to', '1', '--method', 'message'], 'one of auto, invite, refer, bye'],
    [['transfer', 'c', '--to', '1', '--post-dial', '1 2'], '--post-dial "1 2" is no row of keys'],
    [['transfer', 'c', '--queue', 'q', '--post-dial', '1'], '--post-dial has no meaning with --queue'],
    [['transfer', 'c', '--to', '1', '--header', 'X'], '--header "X" has no name and value'],
    [
      ['transfer', 'c', '--to', '1', '--ring-timeout', '30s'],
      '--ring-timeout "30s" is no number of milliseconds',
    ],
    [['watch', '--api', 'localhost'], 'watch: --api "localhost" is no URL'],
    [['watch', '--api', 'ftp://h'], 'is no URL'],
  ])('%j is bad usage', (argv, line) => expect(refused(...argv)).toContain(line));
});
