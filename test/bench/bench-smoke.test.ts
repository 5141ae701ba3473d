import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSubject } from '../../bench/bare-subject.js';
import { climb } from '../../bench/climb.js';
import { engineSubject, engineWithRedis } from '../../bench/engine-subject.js';
import { goalLine, goalOf } from '../../bench/goal.js';
import { measureLatency } from '../../bench/latency.js';
import { machine } from '../../bench/machine.js';
import { measureMemory } from '../../bench/memory.js';
import { parseOptions } from '../../bench/options.js';
import { report } from '../../bench/report.js';
import { playRounds } from '../../bench/rounds.js';
import { parseDrachtioAddress } from '../../bench/sip-address.js';
import { answerTo } from '../../bench/sip-answer.js';
import { sippMissing } from '../../bench/sipp.js';
import { parseSippStats } from '../../bench/sipp-stats.js';
import { median, percentile } from '../../bench/statistics.js';
import { killChildren } from '../../bench/child.js';
import { Workspace } from '../../bench/workspace.js';

/** That the benchmark works, never how fast anything is: a handful of calls through each of its parts. */
describe('bench', () => {
  let work: Workspace;
  const said: string[] = [];
  const say = (line: string): number => said.push(line);

  beforeAll(() => {
    expect(sippMissing()).toBeUndefined();
    work = new Workspace();
  });
  afterAll(() => {
    killChildren();
    work.remove();
  });

  const tiny = { base: 20, step: 20, max: 20, seconds: 0.5, warmUpSeconds: 0.2, deadline: Infinity };

  it.concurrent('plays a round, and reports what it was told', async () => {
    const subjects = [engineSubject(work), bareSubject(work)];
    const load = await playRounds(work, subjects, { ...tiny, rounds: 1 }, say);
    expect(
      load.map(({ subject, climbs }) => [subject, climbs.map(({ steps }) => steps.map((s) => s.failed))]),
    ).toEqual([
      ['engine on embedded', [[0]]],
      ['bare createB2BUA on embedded', [[0]]],
    ]);
    expect(Object.keys(load[0]?.cpuAtBase ?? {}).sort()).toEqual([
      'SIPp bot',
      'SIPp caller',
      'engine',
      'sipd',
    ]);
    expect(Object.keys(load[1]?.cpuAtBase ?? {}).sort()).toEqual([
      'SIPp bot',
      'SIPp caller',
      'b2bua',
      'sipd',
    ]);
    const goal = goalOf(load[0]!);
    expect(goalLine(goal)).toMatch(
      /^goal: <= 1\.2 ms and >= 1300 calls\/s: not reached \(\d+\.\d\d ms, \d+ calls\/s\)$/,
    );
    const text = report({
      startedAt: '',
      seconds: 1,
      machine: machine(),
      warnings: [],
      base: 20,
      stepSeconds: 0.5,
      load,
      memory: [],
      latency: [],
      goal,
    });
    expect(text).toMatch(/^engine \/ bare on embedded: calls\/s x /m);
  });

  it.concurrent('holds calls, looks at memory, and ends them', async () => {
    const memory = await measureMemory(work, engineSubject(work), { sizes: [20], t1Ms: 20 });
    expect(memory).toMatchObject({ failed: 0, looks: [{ calls: 0 }, { calls: 20 }] });
    expect(Object.keys(memory.perThousand).sort()).toEqual(['engine', 'sipd']);
  });

  it.concurrent('counts Redis where the engine keeps its calls in one', async () => {
    const memory = await measureMemory(work, engineWithRedis(work), { sizes: [20], t1Ms: 20 });
    expect(memory).toMatchObject({ failed: 0, looks: [{ calls: 0 }, { calls: 20 }] });
    expect(Object.keys(memory.perThousand).sort()).toEqual(['engine', 'redis', 'sipd']);
  });

  it.concurrent('times the INVITEs of transfers', async () => {
    const latency = await measureLatency(work, engineSubject(work), 5);
    expect(latency.lost).toBe(0);
    expect(latency.invite.p50).toBeGreaterThan(0);
    expect(latency.command.p99).toBeGreaterThan(0);
  });

  it.concurrent('a climb ends at the first rate that fails', async () => {
    const port = await work.port();
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    socket.on('message', (datagram, from) => {
      const request = datagram.toString('latin1');
      if (request.startsWith('INVITE '))
        socket.send(answerTo(request, '503 Service Unavailable'), from.port, from.address);
    });
    const running = { sipPort: port, processes: [], api: undefined, stop: () => Promise.resolve() };
    const refusing = { ...bareSubject(work), start: () => Promise.resolve(running) };
    const result = await climb(work, refusing, { ...tiny, second: 40, max: 40 }, say);
    socket.close();
    expect(result).toMatchObject({ top: 0, failedAt: 20, steps: [{ failed: 10 }] });
  });
});

describe('bench, what it makes of what it reads', () => {
  it('statistics of SIPp: the rate is that of the time in which calls were begun', () => {
    const head = 'CurrentTime;TotalCallCreated;CurrentCall;SuccessfulCall(C);Retransmissions(C)';
    const row = (at: number, ...counts: number[]): string =>
      [`2026-01-01\t00:00:00\t${at}`, ...counts].join(';');
    const csv = [
      head,
      row(10, 0, 0, 0, 0),
      row(10.5, 50, 49, 1, 0),
      row(11.5, 150, 60, 90, 2),
      row(12, 200, 1, 199, 3),
      '2026',
    ].join('\n');
    expect(parseSippStats(csv, 200)).toEqual({
      created: 200,
      successful: 199,
      retransmissions: 3,
      rate: 100,
      open: 60,
    });
    expect(parseSippStats('', 200)).toEqual({
      created: 0,
      successful: 0,
      retransmissions: 0,
      rate: undefined,
      open: undefined,
    });
  });

  it('medians and percentiles', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, undefined]);
    expect([percentile([3, 1, 2], 50), percentile([1, 2, 3, 4], 99), percentile([], 50)]).toEqual([
      2,
      4,
      undefined,
    ]);
  });

  it('options and the address of a drachtio-server', () => {
    expect(parseOptions(['--help'])).toBe('help');
    expect(parseOptions(['--quick', '--rounds', '2'])).toMatchObject({ rounds: 2, minutes: 1 });
    expect(() => parseOptions(['--rounds', 'x'])).toThrow('--rounds takes a number above 0, not "x"');
    expect(() => parseOptions(['--fast'])).toThrow("Unknown option '--fast'");
    expect(parseDrachtioAddress('127.0.0.1:9022:cymru')).toEqual({
      host: '127.0.0.1',
      port: 9022,
      secret: 'cymru',
    });
    expect(parseDrachtioAddress('127.0.0.1')).toBeUndefined();
  });
});
