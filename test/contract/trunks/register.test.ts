import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { Relay } from '../signalling/relay.js';
import type { RegistrarOptions } from '../../support/registrar.js';
import { AUTH, openRegistrar, WatchRig } from './watch-rig.js';

describeServers('trunks: registration', (bench) => {
  it.each<[string, RegistrarOptions]>([
    ['MD5, qop auth', {}],
    ['MD5 without qop', { qop: null }],
    ['SHA-256 first', { algorithms: ['SHA-256', 'MD5'] }],
    [
      'an unknown algorithm first, and auth-int',
      { algorithms: ['SHA-512-256', 'MD5'], qop: 'auth,auth-int' },
    ],
    ['by a proxy (407)', { challenge: 407 }],
    ['over TCP', { proto: 'tcp' }],
  ])('answers a challenge: %s', async (_what, options) => {
    const registrar = await openRegistrar(options);
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await rig.becomes({ registration: 'registered', detail: null });
    expect(rig.told.map((state) => state.registration)).toEqual(['pending', 'registered']);
    expect(registrar.wrong).toEqual([]);
    const [first, second] = registrar.registers;
    expect(registrar.registers).toHaveLength(2);
    expect([second?.callId, second?.fromTag, second?.cseq]).toEqual([
      first?.callId,
      first?.fromTag,
      first!.cseq + 1,
    ]);
    expect(first?.uri).toBe(registrar.proxy);
    expect(first?.toTag).toBe('');
    expect(first?.get('to')).toBe('<sip:bot%207@127.0.0.1>');
  });

  it('binds the address we listen on, by the transport of the trunk', async () => {
    for (const proto of ['udp', 'tcp'] as const) {
      const registrar = await openRegistrar({ proto });
      const rig = await WatchRig.start(bench);
      rig.follow({ proxy: registrar.proxy, register: true });
      await rig.becomes({ registration: 'registered' });
      const { host, port } = bench.sip(proto);
      const transport = proto === 'tcp' ? ';transport=tcp' : '';
      expect([...registrar.bindings.keys()]).toEqual([`sip:bot%207@${host}:${port}${transport}`]);
    }
  });

  it.each(['contact', 'header'] as const)('renews before the time told in the %s is over', async (tells) => {
    const registrar = await openRegistrar({ grantSeconds: 2, tells });
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await until(() => registrar.registers.length >= 4, 'two renewals', 5000);
    // One challenge in all: the nonce is used again, with the next count.
    const withCredentials = registrar.registers.slice(1);
    expect(withCredentials.every((m) => m.get('authorization') !== undefined)).toBe(true);
    expect(registrar.wrong).toEqual([]);
    const numbers = registrar.registers.map((m) => m.cseq);
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
    expect(new Set(registrar.registers.map((m) => m.callId)).size).toBe(1);
    expect(rig.told.map((state) => state.registration)).toEqual(['pending', 'registered']);
    const gaps = registrar.registers.slice(2).map((m, i) => m.at - registrar.registers[i + 1]!.at);
    for (const gap of gaps) expect(gap).toBeLessThan(1600);
    for (const [, until] of registrar.bindings) expect(until).toBeGreaterThan(performance.now());
  });

  it('a stale nonce costs one more round trip and nothing else', async () => {
    const registrar = await openRegistrar({ grantSeconds: 1, nonceUses: 1 });
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await until(() => registrar.registers.length >= 6, 'two renewals', 5000);
    expect(registrar.wrong).toEqual([]);
    expect(rig.told.map((state) => state.registration)).toEqual(['pending', 'registered']);
  });

  it('asks for the interval a 423 wants', async () => {
    const registrar = await openRegistrar({ minExpires: 1800 });
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await rig.becomes({ registration: 'registered' });
    expect(registrar.registers.map((m) => m.get('expires'))).toEqual(['600', '600', '1800']);
    expect(registrar.wrong).toEqual([]);
  });

  it('says that credentials are wrong, tries no more than once with them, and shows the password nowhere', async () => {
    const registrar = await openRegistrar();
    const rig = await WatchRig.start(bench);
    const wrong = { username: AUTH.username, password: 'wrong-Pa55word' };
    rig.follow({ proxy: registrar.proxy, register: true, auth: wrong });
    await rig.becomes({ registration: 'failed', detail: '401 Unauthorized', refusedWith: 401 });
    expect(registrar.registers).toHaveLength(2);
    expect(registrar.wrong).toEqual(['wrong response']);
    const seen = [rig.told, rig.logged, registrar.registers.map(String)];
    expect(JSON.stringify(seen)).not.toContain('Pa55word');
  });

  it('says what a registrar refuses with, and that nobody is there', async () => {
    const registrar = await openRegistrar();
    registrar.refusal = { status: 403, headers: [['Retry-After', '3600']] };
    const rig = await WatchRig.start(bench);
    const closed = 'sip:127.0.0.1:9;transport=tcp';
    rig.follow(
      { proxy: registrar.proxy, register: true },
      { name: 'nobody', proxy: closed, register: true },
      { name: 'inbound', proxy: null },
    );
    await rig.becomes({ registration: 'failed', detail: '403 Forbidden', refusedWith: 403 });
    const nobody = (): string | null | undefined => rig.state('nobody')?.detail;
    await until(() => rig.state('nobody')?.registration === 'failed', 'the other fails');
    expect(nobody()).toMatch(/cannot be reached/);
    expect(rig.state('inbound')).toBeUndefined();
  });

  it('takes the registration back when it stops, with credentials', async () => {
    const registrar = await openRegistrar({ nonceUses: 1 });
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await rig.becomes({ registration: 'registered' });
    expect(registrar.bindings.size).toBe(1);
    await rig.watch.stop();
    expect(registrar.bindings.size).toBe(0);
    expect(registrar.registers.at(-1)?.get('expires')).toBe('0');
    expect(registrar.wrong).toEqual([]);
    await rig.signalling.stop();
    expect(rig.told.map((state) => state.registration)).toEqual(['pending', 'registered']);
  });

  it('a registrar that has gone silent does not hold up the stop', async () => {
    const registrar = await openRegistrar();
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: registrar.proxy, register: true });
    await rig.becomes({ registration: 'registered' });
    registrar.silent = true;
    const started = performance.now();
    await rig.watch.stop();
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('is renewed at once when a lost link is back, in the same registration', async () => {
    const registrar = await openRegistrar();
    const relay = await Relay.open(bench.backend.admin);
    const rig = await WatchRig.start(bench, { host: '127.0.0.1', port: relay.port });
    rig.follow({ proxy: registrar.proxy, register: true, pingMs: 60_000 });
    await rig.becomes({ registration: 'registered', reachable: true });
    const before = registrar.registers.length;
    relay.cut();
    await rig.becomes({ registration: 'pending', reachable: null, detail: 'the SIP server is away' });
    await relay.mend();
    await rig.becomes({ registration: 'registered', reachable: true });
    const [first] = registrar.registers;
    const again = registrar.registers[before];
    expect([again?.callId, again?.fromTag]).toEqual([first?.callId, first?.fromTag]);
    expect(again?.cseq).toBe(first!.cseq + before);
    expect(registrar.wrong).toEqual([]);
  });
});
