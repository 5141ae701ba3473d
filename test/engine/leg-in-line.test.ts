import { describe, expect, it } from 'vitest';
import type { DialTarget } from '../../src/domain/plan.js';
import { AnchoredLeg } from '../../src/engine/anchor/anchored-leg.js';
import { Claim } from '../../src/engine/claim.js';
import { LegInLine } from '../../src/engine/leg-in-line.js';
import type { Admitted } from '../../src/ports/places.js';
import type { DialRequest, LegEvent } from '../../src/ports/signalling.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeSignalling } from '../support/fake-signalling.js';

const TARGET: DialTarget = {
  ...{ label: 'ann', uri: 'sip:ann@10.0.0.1', route: null, trunk: 'carrier' },
  ...{ from: { user: 'bot', display: null, host: null }, headers: [], postDial: null, auth: null },
};

const REQUEST: DialRequest = { target: TARGET, sdp: null, allows: () => true, tap: () => undefined };

function bench() {
  let answer: (admitted: Admitted) => void = () => undefined;
  let given = 0;
  const claim = new Claim(new Promise((resolve) => (answer = resolve)));
  const signalling = new FakeSignalling();
  const told: LegEvent[] = [];
  const tapped: string[] = [];
  const request: DialRequest = {
    ...REQUEST,
    tap: (_direction, text) => void tapped.push(`first ${text}`),
  };
  const leg = new LegInLine(claim, request, (event) => told.push(event), signalling);
  const settled = async (): Promise<void> => {
    await Promise.resolve();
    await Promise.resolve();
  };
  const give = async (): Promise<void> => {
    given += 1;
    answer({ ok: true, release: () => (given -= 1) });
    await settled();
  };
  const refuse = async (): Promise<void> => {
    answer({ ok: false, why: 'full', retryAfterMs: 7 });
    await settled();
  };
  const held = (): number => given;
  return { claim, signalling, leg, told, tapped, give, refuse, held, settled };
}

describe('a leg that waits for its place', () => {
  it('is dialled when it is there, and is that leg from then on', async () => {
    const { signalling, leg, told, give } = bench();
    await signalling.start({ offered: () => 'ignore', linkDown: () => undefined, linkUp: () => undefined });
    expect([leg.sipCallId, leg.handle, signalling.legs.length]).toEqual([null, null, 0]);
    await give();
    const dialled = signalling.lastDialled;
    expect(dialled.request?.target).toEqual(TARGET);
    dialled.answered();
    leg.ack('v=0');
    leg.reoffer('v=0');
    leg.bye([]);
    expect(dialled.asked).toEqual(['ack', 'reoffer', 'bye']);
    expect(told.map(({ type }) => type)).toEqual(['answered']);
    expect([leg.sipCallId, leg.dialog]).toEqual([dialled.sipCallId, dialled.dialog]);
  });

  it('is refused as its trunk would refuse it when there is none', async () => {
    const { signalling, told, refuse } = bench();
    await refuse();
    expect(told).toEqual([
      {
        type: 'refused',
        refusal: { code: 503, reason: 'full', q850: null, retryAfterMs: 7, by: 'policy' },
      },
    ]);
    expect(signalling.legs).toEqual([]);
  });

  it.each(['cancel', 'bye'] as const)('%s ends it once, and not in the same turn', async (how) => {
    const { claim, signalling, leg, told, give, held, settled } = bench();
    claim.leave();
    leg[how]([]);
    leg[how]([]);
    expect(told).toEqual([]);
    await settled();
    expect(told).toMatchObject([{ type: 'refused', refusal: { code: 487, by: 'local' } }]);
    await give();
    expect([held(), told.length, signalling.legs.length]).toEqual([0, 1, 0]);
  });

  it('cancelled in the tick its place comes is not dialled', async () => {
    const { signalling, leg, told, give, settled } = bench();
    const given = give();
    leg.cancel([]);
    await given;
    await settled();
    expect(told).toMatchObject([{ type: 'refused', refusal: { code: 487 } }]);
    expect(signalling.legs).toEqual([]);
  });

  it('of another call tells that one, also after it was dialled', async () => {
    const { signalling, leg, told, tapped, give } = bench();
    await signalling.start({ offered: () => 'ignore', linkDown: () => undefined, linkUp: () => undefined });
    const heir: LegEvent[] = [];
    leg.rebind(
      (event) => heir.push(event),
      (_direction, text) => void tapped.push(`heir ${text}`),
    );
    await give();
    signalling.lastDialled.progress();
    signalling.lastDialled.tap('in', 'SIP/2.0 180');
    const third: LegEvent[] = [];
    leg.rebind(
      (event) => third.push(event),
      () => undefined,
    );
    signalling.lastDialled.answered();
    expect([told.length, heir.length, third.length]).toEqual([0, 1, 1]);
    expect(tapped).toEqual(['heir SIP/2.0 180']);
  });
});

describe('a target with an endpoint that waits for its place', () => {
  const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  async function anchored() {
    const media = new FakeMedia(['one']);
    const b = bench();
    const told: LegEvent[] = [];
    const parts = { media, after: () => () => undefined, random: () => 0.5, beside: null };
    const ears = { listener: (event: LegEvent) => void told.push(event), media: () => undefined };
    const leg = AnchoredLeg.dialled(
      parts,
      ears,
      (sdp, listener) => new LegInLine(b.claim, { ...REQUEST, sdp }, listener, b.signalling),
    );
    await quiet();
    return { ...b, leg, told, media };
  }

  it('is dialled with the offer of its endpoint', async () => {
    const { signalling, give, told } = await anchored();
    await signalling.start({ offered: () => 'ignore', linkDown: () => undefined, linkUp: () => undefined });
    await give();
    expect(signalling.lastDialled.request?.sdp).toContain('v=0');
    signalling.lastDialled.answered();
    await quiet();
    expect(told.map(({ type }) => type)).toEqual(['handleChanged', 'answered']);
  });

  it('gives its endpoint back when it is cancelled, or there is no place', async () => {
    for (const end of ['cancel', 'refuse'] as const) {
      const { claim, leg, refuse, told, media, signalling } = await anchored();
      expect(media.live).toHaveLength(1);
      if (end === 'refuse') await refuse();
      else {
        claim.leave();
        leg.cancel([]);
      }
      await quiet();
      expect(told.map(({ type }) => type)).toEqual(['handleChanged', 'refused']);
      expect([media.live.length, signalling.legs.length]).toEqual([0, 0]);
    }
  });
});

describe('a claim', () => {
  it('on a place that is there at once is answered at once, and left once', () => {
    let released = 0;
    const claim = new Claim({ ok: true, release: () => (released += 1) });
    const answers: boolean[] = [];
    claim.whenAnswered(({ ok }) => answers.push(ok));
    expect([claim.holds, claim.refused, answers]).toEqual([true, null, [true]]);
    claim.leave();
    claim.leave();
    expect([claim.holds, released]).toEqual([false, 1]);
    claim.whenAnswered(({ ok }) => answers.push(ok));
    expect(answers).toEqual([true]);
  });

  it('that is refused at once says why', () => {
    const claim = new Claim({ ok: false, why: 'full', retryAfterMs: 1 });
    expect(claim.refused?.why).toBe('full');
    expect(claim.holds).toBe(false);
    claim.leave();
  });
});
