import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.js';
import type { HeaderLine } from '../../src/domain/plan.js';
import type { WatchedTrunk } from '../../src/ports/trunk-watch.js';
import { addressOfTrunk } from '../../src/adapters/drachtio/trunk-address.js';
import { Registration, type RegistrationState } from '../../src/adapters/drachtio/trunk-registration.js';
import type { SendRequest, TrunkReply, TrunkRequest } from '../../src/adapters/drachtio/trunk-request.js';

const TRUNK: WatchedTrunk = {
  name: 'carrier',
  proxy: 'sip:proxy.test:5080;transport=tcp;lr',
  auth: { username: 'bob', password: 'secret' },
  register: true,
  pingMs: null,
};

interface Sent {
  readonly request: TrunkRequest;
  readonly answer: (status: number, ...lines: HeaderLine[]) => void;
  readonly fail: (status: 408 | 503) => void;
}

function setUp(trunk: Partial<WatchedTrunk> = {}, chance = 0.5) {
  const clock = new FakeClock();
  const told: RegistrationState[] = [];
  const sent: Sent[] = [];
  let uuids = 0;
  const random = { next: () => chance, uuid: () => `uuid-${++uuids}` };
  const watched = { ...TRUNK, ...trunk };
  const registration = new Registration(watched, addressOfTrunk(watched)!, {
    clock,
    random,
    changed: (state) => told.push(state),
  });
  const send: SendRequest = (request, done) => {
    const contact = request.headers['Contact']!.replace('localhost', '192.0.2.1:5060');
    const reply = (status: number, local: boolean, lines: readonly HeaderLine[]): TrunkReply => ({
      status,
      reason: local ? 'made up' : 'Said So',
      local,
      lines,
      contact,
    });
    sent.push({
      request,
      answer: (status, ...lines) => done(reply(status, false, lines)),
      fail: (status) => done(reply(status, true, [])),
    });
  };
  const last = (): Sent => sent.at(-1)!;
  return { clock, told, sent, last, registration, send, words: () => told.map((t) => t.registration) };
}

/** A registration whose first REGISTER was granted. */
function registered(seconds = 600, ...rest: Parameters<typeof setUp>) {
  const bench = setUp(...rest);
  bench.registration.linkUp(bench.send);
  bench.last().answer(200, ['Expires', String(seconds)]);
  return bench;
}

const CHALLENGE: HeaderLine = ['WWW-Authenticate', 'Digest realm="r", nonce="n1", qop="auth"'];
const STALE: HeaderLine = ['WWW-Authenticate', 'Digest realm="r", nonce="n2", qop="auth", stale=true'];

describe('a REGISTER', () => {
  it('is addressed to the domain, by the proxy, with a Contact by the same transport', () => {
    const { registration, send, last } = setUp();
    registration.linkUp(send);
    expect(last().request).toEqual({
      method: 'REGISTER',
      uri: 'sip:proxy.test:5080;transport=tcp',
      route: 'sip:proxy.test:5080;transport=tcp;lr',
      deadlineMs: 34_000,
      headers: {
        From: '<sip:bob@proxy.test>;tag=uuid-2',
        To: '<sip:bob@proxy.test>',
        'Call-ID': 'uuid-1',
        CSeq: '1 REGISTER',
        Contact: '<sip:bob@localhost;transport=tcp>',
        Expires: '600',
      },
    });
  });

  it.each([
    ['bob@carrier.example', '<sip:bob@carrier.example>'],
    ['+1612', '<sip:+1612@proxy.test>'],
    ['a b>\r\nX: y', '<sip:a%20b%3E%0D%0AX%3A%20y@proxy.test>'],
    ['a@b\r\nX: y', '<sip:a%40b%0D%0AX%3A%20y@proxy.test>'],
  ])('of user %j is for %s', (username, record) => {
    const { registration, send, last } = setUp({ auth: { username, password: 'x' } });
    registration.linkUp(send);
    expect(last().request.headers['To']).toBe(record);
  });

  it('keeps its Call-ID and tag and counts CSeq up, also over another link', () => {
    const { registration, send, sent, clock } = registered();
    clock.advance(600_000);
    registration.linkDown();
    registration.linkUp(send);
    const heads = sent.map(({ request: { headers } }) => [
      headers['Call-ID'],
      headers['CSeq'],
      headers['From'],
    ]);
    expect(heads).toEqual(
      [1, 2, 3].map((n) => ['uuid-1', `${n} REGISTER`, '<sip:bob@proxy.test>;tag=uuid-2']),
    );
  });
});

describe('renewal', () => {
  it.each([
    [600, 0, 510_000],
    [600, 0.999, 459_000],
    [3600, 0, 3_060_000],
    [60, 0, 30_000],
    [10, 0, 5000],
    [1, 0, 500],
  ])('of %d s with chance %d comes after %d ms', (seconds, chance, ms) => {
    const { clock } = registered(seconds, {}, chance);
    expect(Math.abs(clock.nextIn! - ms)).toBeLessThanOrEqual(60);
  });

  it('asks once, when it is due', () => {
    const { clock, sent, words } = registered();
    clock.advance(clock.nextIn! - 1);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent).toHaveLength(2);
    expect(words()).toEqual(['registered']);
  });

  it.each<[string, HeaderLine[], number]>([
    [
      'our own binding, not that of others',
      [['Contact', '<sip:x@h>;expires=9, <sip:bob@192.0.2.1:5060>;q=1;expires=200']],
      200,
    ],
    [
      'the only binding, which NAT has rewritten',
      [['m', '"Bob, B" <sip:bob@198.51.100.9:1024>;expires="200"']],
      200,
    ],
    [
      'Expires, without a binding of ours',
      [
        ['Contact', '<sip:x@h>;expires=9'],
        ['Contact', '<sip:y@h>;expires=8'],
        ['Expires', '200'],
      ],
      200,
    ],
    [
      'the binding before Expires',
      [
        ['Contact', '<sip:bob@192.0.2.1:5060>;expires=200'],
        ['Expires', '400'],
      ],
      200,
    ],
    ['what was asked for, when nothing is said', [], 600],
    ['what was asked for, when nonsense is said', [['Expires', 'soon']], 600],
    ['a day at most', [['Expires', '9999999999']], 86_400],
  ])('believes %s', (_what, lines, seconds) => {
    const { registration, send, last, clock } = setUp({}, 0);
    registration.linkUp(send);
    last().answer(200, ...lines);
    expect(clock.nextIn).toBe(seconds * 850);
  });

  it('0 s granted is a failure', () => {
    const { told } = registered(0);
    expect(told).toEqual([
      { registration: 'failed', detail: 'the registrar keeps the registration for 0 s', refusedWith: null },
    ]);
  });
});

describe('a challenge', () => {
  it('is answered once, and its nonce used again with the next count', () => {
    const { registration, send, sent, last, clock, words } = setUp();
    registration.linkUp(send);
    last().answer(401, CHALLENGE);
    expect(last().request.headers['Authorization']).toContain('nc=00000001');
    last().answer(200, ['Expires', '600']);
    clock.advance(600_000);
    expect(last().request.headers['Authorization']).toMatch(/nonce="n1".*nc=00000002/);
    expect([sent.length, words()]).toEqual([3, ['registered']]);
  });

  it('a second one is a refusal, and its words are told without the password', () => {
    const { registration, send, sent, last, told } = setUp();
    registration.linkUp(send);
    last().answer(401, CHALLENGE);
    last().answer(401, CHALLENGE);
    expect(sent).toHaveLength(2);
    expect(told).toEqual([{ registration: 'failed', detail: '401 Said So', refusedWith: 401 }]);
    expect(JSON.stringify([told, sent.map(({ request }) => request)])).not.toContain('secret');
  });

  it('is answered again when only the nonce was stale, but not for ever', () => {
    const { registration, send, sent, last, words } = setUp();
    registration.linkUp(send);
    for (let i = 0; i < 10 && words().length === 0; i++) last().answer(401, i === 0 ? CHALLENGE : STALE);
    expect([sent.length, words()]).toEqual([4, ['failed']]);
  });

  it('of a renewal is answered whatever the old nonce was', () => {
    const { registration, send, last, clock, words } = setUp();
    registration.linkUp(send);
    last().answer(401, CHALLENGE);
    last().answer(200);
    clock.advance(600_000);
    last().answer(401, ['WWW-Authenticate', 'Digest realm="r", nonce="n9"']);
    expect(last().request.headers['Authorization']).toContain('nonce="n9"');
    last().answer(200);
    expect(words()).toEqual(['registered', 'registered']);
  });

  it('of a proxy and of the registrar behind it are both answered', () => {
    const { registration, send, last, words } = setUp();
    registration.linkUp(send);
    last().answer(407, ['Proxy-Authenticate', 'Digest realm="p", nonce="p1"']);
    last().answer(401, CHALLENGE);
    const { headers } = last().request;
    expect(headers['Proxy-Authorization']).toContain('realm="p"');
    expect(headers['Authorization']).toContain('realm="r"');
    last().answer(200);
    expect(words()).toEqual(['registered']);
  });

  it.each<[string, Partial<WatchedTrunk>, HeaderLine]>([
    ['without credentials', { auth: null }, CHALLENGE],
    ['nobody can answer', {}, ['WWW-Authenticate', 'Basic realm="r"']],
  ])('%s is a refusal', (_what, trunk, line) => {
    const { registration, send, sent, last, words } = setUp(trunk);
    registration.linkUp(send);
    last().answer(401, line);
    expect([sent.length, words()]).toEqual([1, ['failed']]);
  });
});

describe('423 Interval Too Brief', () => {
  it('asks for what the registrar wants, now and from then on', () => {
    const { registration, send, last, clock } = setUp();
    registration.linkUp(send);
    last().answer(423, ['Min-Expires', '1800']);
    expect(last().request.headers['Expires']).toBe('1800');
    last().answer(200);
    clock.advance(1_800_000);
    expect(last().request.headers['Expires']).toBe('1800');
  });

  it.each<HeaderLine[][]>([
    [[]],
    [[['Min-Expires', '600']]],
    [[['Min-Expires', 'x']]],
    [[['Min-Expires', '90000']]],
  ])('with %j is a refusal', (lines) => {
    const { registration, send, sent, last, words } = setUp();
    registration.linkUp(send);
    last().answer(423, ...lines);
    expect([sent.length, words()]).toEqual([1, ['failed']]);
  });
});

describe('a failure', () => {
  it('is followed by pauses of 5 s doubling to 5 min', () => {
    const { registration, send, last, clock } = setUp();
    registration.linkUp(send);
    const pauses: number[] = [];
    for (let i = 0; i < 9; i++) {
      last().answer(503);
      pauses.push(clock.nextIn!);
      clock.advance(clock.nextIn!);
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });

  it('pauses are a fifth longer or shorter by chance', () => {
    const pause = (chance: number) => {
      const { registration, send, last, clock } = setUp({}, chance);
      registration.linkUp(send);
      last().fail(408);
      return clock.nextIn;
    };
    expect([pause(0), pause(0.999)]).toEqual([4000, 5998]);
  });

  it('waits as long as Retry-After says', () => {
    const { registration, send, last, clock } = setUp();
    registration.linkUp(send);
    last().answer(503, ['Retry-After', '120 (later)']);
    expect(clock.nextIn).toBe(120_000);
  });

  it.each<[string, (sent: Sent) => void, string, number | null]>([
    ['refused', (sent) => sent.answer(403), '403 Said So', 403],
    ['unanswered', (sent) => sent.fail(408), 'no answer', null],
    ['not to be reached', (sent) => sent.fail(503), 'cannot be reached (made up)', null],
  ])('%s, it says so', (_what, happen, detail, refusedWith) => {
    const { registration, send, last, told } = setUp();
    registration.linkUp(send);
    happen(last());
    expect(told).toEqual([{ registration: 'failed', detail, refusedWith }]);
  });

  it('of a renewal leaves the registration as it is until its time is over', () => {
    const { clock, last, words, told, sent } = registered();
    clock.advance(clock.nextIn!);
    const renewed = clock.now();
    while (words().at(-1) !== 'failed' && sent.length < 30) {
      last().fail(408);
      clock.advance(clock.nextIn!);
    }
    expect(told[1]).toEqual({ registration: 'registered', detail: 'no answer', refusedWith: null });
    const left = 600_000 - (renewed - Date.parse('2026-01-01T00:00:00.000Z'));
    expect(clock.now() - renewed).toBeGreaterThanOrEqual(left);
  });

  it('that is a refusal ends the registration at once', () => {
    const { clock, last, words } = registered();
    clock.advance(clock.nextIn!);
    last().answer(403);
    expect(words()).toEqual(['registered', 'failed']);
  });

  it('is not sat out when the far end comes back to life', () => {
    const { registration, send, sent, last, clock } = setUp();
    registration.linkUp(send);
    last().fail(408);
    registration.hurry();
    expect(sent).toHaveLength(2);
    last().answer(200);
    registration.hurry();
    expect([sent.length, clock.pending]).toEqual([2, 1]);
  });

  it('is over, and the REGISTER behind it on its way, when the far end comes back to life: no second one', () => {
    const { registration, send, sent, last, clock } = setUp();
    registration.linkUp(send);
    for (let failures = 0; failures < 6; failures += 1) {
      last().fail(408);
      clock.advance(clock.nextIn!);
    }
    expect(sent).toHaveLength(7);
    registration.hurry();
    registration.hurry();
    expect(sent).toHaveLength(7);
    last().fail(408);
    const pause = clock.nextIn;
    const { last: once, clock: young, registration: fresh, send: line } = setUp();
    fresh.linkUp(line);
    once().fail(408);
    expect(pause).toBe(young.nextIn);
  });
});

describe('the link', () => {
  it('lost: nothing is asked, nothing is waited for, and a late answer is nobody’s', () => {
    const { registration, send, sent, last, clock, words } = setUp();
    registration.linkUp(send);
    registration.linkDown();
    last().answer(200);
    expect([words(), clock.pending]).toEqual([['pending'], 0]);
    clock.advance(1e6);
    expect(sent).toHaveLength(1);
    registration.linkUp(send);
    last().answer(200);
    expect(words()).toEqual(['pending', 'registered']);
  });
});

describe('stop', () => {
  const stop = (registration: Registration) => {
    let stopped = false;
    registration.stop(() => (stopped = true));
    return () => stopped;
  };

  it('takes the binding back, with credentials where they are asked for', () => {
    const { registration, last, clock } = registered();
    const stopped = stop(registration);
    expect(last().request.headers).toMatchObject({ Expires: '0', CSeq: '2 REGISTER', 'Call-ID': 'uuid-1' });
    expect(last().request.deadlineMs).toBeLessThanOrEqual(2000);
    last().answer(401, CHALLENGE);
    expect(last().request.headers).toMatchObject({
      Expires: '0',
      Authorization: expect.any(String) as string,
    });
    expect(stopped()).toBe(false);
    last().answer(200);
    expect([stopped(), clock.pending]).toEqual([true, 0]);
  });

  it('also when the REGISTER is still under way', () => {
    const { registration, send, sent, last, words } = setUp();
    registration.linkUp(send);
    const stopped = stop(registration);
    expect(last().request.headers['Expires']).toBe('0');
    sent[0]!.answer(200);
    expect(words()).toEqual([]);
    last().answer(200);
    expect(stopped()).toBe(true);
  });

  it.each<[string, (bench: ReturnType<typeof setUp>) => void]>([
    ['was refused', (bench) => bench.last().answer(403)],
    ['has no link', (bench) => bench.registration.linkDown()],
  ])('sends nothing when it %s', (_what, happen) => {
    const bench = setUp();
    bench.registration.linkUp(bench.send);
    happen(bench);
    const stopped = stop(bench.registration);
    expect([stopped(), bench.sent.length, bench.clock.pending]).toEqual([true, 1, 0]);
  });
});
