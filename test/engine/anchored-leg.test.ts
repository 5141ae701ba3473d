import { describe, expect, it, vi } from 'vitest';
import { AnchoredLeg } from '../../src/engine/anchor/anchored-leg.js';
import type { AnchorEvent } from '../../src/engine/anchor/anchored-ears.js';
import type { LegEvent } from '../../src/ports/signalling.js';
import { MOVE_MS } from '../../src/engine/anchor/mover.js';
import { FakeMedia, fakeSdp } from '../support/fake-media.js';
import { FakeLeg, POLITE } from '../support/fake-signalling.js';

const sdpOf = (name: string, port: number): string =>
  `v=0\r\no=- 1 ${port} IN IP4 127.0.0.1\r\ns=${name}\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
const THEIRS = sdpOf('theirs', 4000);
const CHANGED = sdpOf('changed', 4002);

/** Everything that is under way has come to its next halt. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What the call is told: SIP by type, media by type. */
function bench(media = new FakeMedia(['one', 'two'])) {
  const told: (LegEvent | AnchorEvent)[] = [];
  const deadlines: (() => void)[] = [];
  const after = vi.fn((ms: number, fire: () => void) => {
    if (ms === MOVE_MS) deadlines.push(fire);
    else setImmediate(fire);
    return () => undefined;
  });
  const parts = { media, after, random: () => 0.5, beside: null };
  const ears = {
    // That there is something new to write down: see left-endpoints.test.ts.
    listener: (event: LegEvent): void => {
      if (event.type !== 'handleChanged') told.push(event);
    },
    media: (event: AnchorEvent) => void told.push(event),
  };
  const types = (): string[] => told.map(({ type }) => type);
  return { media, told, types, parts, ears, after, deadlines };
}

function received(offer: string | null = THEIRS, media?: FakeMedia) {
  const b = bench(media);
  const sip = new FakeLeg('caller', 'c', POLITE);
  const leg = AnchoredLeg.received(b.parts, b.ears, sip, offer);
  sip.rebind(leg.hear, () => undefined);
  return { ...b, sip, leg };
}

function dialled(media?: FakeMedia, beside: (() => Promise<string>) | null = null) {
  const b = bench(media);
  const sip = new FakeLeg('dialled', 'd', POLITE);
  const offers: string[] = [];
  const leg = AnchoredLeg.dialled({ ...b.parts, beside }, b.ears, (offer, listener) => {
    offers.push(offer);
    sip.rebind(listener, () => undefined);
    return sip;
  });
  return { ...b, sip, leg, offers };
}

describe('a caller with an endpoint', () => {
  it('keeps it until what has to be finished is finished, however often it is let go', async () => {
    const { leg, media } = received();
    await quiet();
    let finish = (): void => undefined;
    leg.parting = () => new Promise((resolve) => (finish = resolve));
    leg.hear({ type: 'hungUp', q850: 16, reason: null, headers: [] });
    leg.letGo();
    await quiet();
    expect(media.live).toHaveLength(1);
    finish();
    await quiet();
    expect(media.live).toEqual([]);
  });

  it('is answered with the answer of its endpoint, behind what it was told before', async () => {
    const { sip, leg, media } = received();
    leg.ring(183, 'Session Progress', '');
    leg.answer();
    await quiet();
    expect(media.asked('endpoint-1')).toEqual([{ type: 'open', offer: THEIRS, server: null }]);
    const sdp = fakeSdp('endpoint-1');
    expect(sip.commands).toMatchObject([
      { type: 'ring', code: 183, sdp },
      { type: 'answer', sdp },
    ]);
  });

  it('that leaves the offer to us is open once its ACK has answered', async () => {
    const { sip, leg, media, types } = received(null);
    leg.answer();
    await quiet();
    sip.emit({ type: 'acked', sdp: THEIRS });
    await quiet();
    expect(media.asked('endpoint-1')).toContainEqual({ type: 'modify', sdp: THEIRS });
    expect(types()).toEqual(['acked']);
  });

  it('without an endpoint is refused, not answered', async () => {
    const media = new FakeMedia();
    media.failNext('open', 'unavailable');
    const { sip, leg, types } = received(THEIRS, media);
    leg.answer();
    await quiet();
    expect(types()).toEqual(['mediaLost']);
    leg.bye([]);
    await quiet();
    expect(sip.commands).toMatchObject([{ type: 'reject', code: 503 }]);
    expect(types()).toEqual(['mediaLost', 'closed']);
  });

  it('that holds, or changes, is answered by its endpoint, and nobody else is told', async () => {
    const { sip, leg, media, types } = received();
    leg.answer();
    await quiet();
    const id = sip.offered(CHANGED);
    await quiet();
    expect(media.asked('endpoint-1')).toContainEqual({ type: 'modify', sdp: CHANGED });
    expect(sip.last('acceptOffer')).toEqual({
      type: 'acceptOffer',
      offerId: id,
      sdp: fakeSdp('endpoint-1', 1),
    });
    media.failNext('modify');
    sip.offered(THEIRS);
    await quiet();
    expect(sip.last('refuseOffer')).toMatchObject({ code: 488 });
    expect(types()).toEqual([]);
  });

  it('gives its endpoint back when it hangs up, also while that is being opened', async () => {
    const media = new FakeMedia();
    const goOn = media.hangNext('open');
    const { sip, types } = received(THEIRS, media);
    sip.hangUp();
    goOn();
    await quiet();
    expect(types()).toEqual(['hungUp']);
    expect(media.live).toEqual([]);
  });
});

describe('a target with an endpoint', () => {
  it('is dialled with the offer of its endpoint, which is given its answer', async () => {
    const { sip, media, offers, types } = dialled();
    await quiet();
    expect(offers).toEqual([fakeSdp('endpoint-1')]);
    sip.progress(183, THEIRS);
    sip.answered(THEIRS);
    await quiet();
    // The same twice is given once.
    expect(media.asked('endpoint-1').filter(({ type }) => type === 'modify')).toHaveLength(1);
    expect(types()).toEqual(['progress', 'answered']);
  });

  it('whose answer its endpoint cannot use has answered with nothing', async () => {
    const { sip, media, told } = dialled();
    await quiet();
    media.failNext('modify');
    sip.answered(THEIRS);
    await quiet();
    expect(told).toMatchObject([{ type: 'answered', sdp: null }]);
  });

  it('without an endpoint is refused as by the media server', async () => {
    const media = new FakeMedia();
    media.failNext('open', 'timeout');
    const { offers, told } = dialled(media);
    await quiet();
    expect(offers).toEqual([]);
    expect(told).toMatchObject([{ type: 'refused', refusal: { code: 503, by: 'local' } }]);
  });

  it('has it on the server of the caller, or on another when that takes none', async () => {
    const two = dialled(undefined, () => Promise.resolve('two'));
    await quiet();
    expect(two.media.live.map(({ server }) => server)).toEqual(['two']);
    const gone = dialled(undefined, () => Promise.resolve('three'));
    await quiet();
    expect(gone.media.live).toHaveLength(1);
    const nobody = dialled(undefined, () => Promise.reject(new Error('the caller has none')));
    await quiet();
    expect(nobody.offers).toHaveLength(1);
  });

  it('on another server than the caller can be moved there once it has answered', async () => {
    const { sip, leg, types } = dialled();
    await quiet();
    sip.progress(183, THEIRS);
    await expect(leg.moveTo('two')).rejects.toThrow('rings');
    sip.answered(THEIRS);
    await quiet();
    expect(sip.last('reoffer').sdp).toBe(fakeSdp('endpoint-2'));
    sip.reofferAccepted(THEIRS);
    await quiet();
    expect(types()).toEqual(['progress', 'mediaReset', 'answered']);
    expect((await leg.endpoint()).server).toBe('two');
  });

  it('cancelled before it was dialled is never dialled', async () => {
    const media = new FakeMedia();
    const goOn = media.hangNext('open');
    const { leg, offers, types } = dialled(media);
    leg.cancel([]);
    expect(types()).toEqual([]);
    await quiet();
    goOn();
    await quiet();
    expect(offers).toEqual([]);
    expect(types()).toEqual(['refused']);
    expect(media.live).toEqual([]);
  });
});

describe('an endpoint that dies', () => {
  it('takes its leg to the next server, with a re-INVITE', async () => {
    const { sip, leg, media, types } = received();
    leg.answer();
    await quiet();
    media.loseServer('one');
    await quiet();
    expect(sip.last('reoffer').sdp).toBe(fakeSdp('endpoint-2'));
    sip.reofferAccepted(CHANGED);
    await quiet();
    expect(media.asked('endpoint-2')).toContainEqual({ type: 'modify', sdp: CHANGED });
    expect(types()).toEqual(['mediaReset']);
    expect(media.live.map(({ name }) => name)).toEqual(['endpoint-2']);
  });

  it('tries again when the re-INVITE meets the far end’s own, which is answered in between', async () => {
    const { sip, leg, media, types, after } = received();
    leg.answer();
    await quiet();
    media.loseServer('one');
    await quiet();
    sip.offered(CHANGED);
    expect(sip.last('refuseOffer')).toMatchObject({ code: 491 });
    after.mockImplementationOnce((_ms, fire) => {
      setImmediate(() => {
        // Theirs comes first now, as 14.1 has it.
        sip.offered(CHANGED);
        setImmediate(() => setImmediate(fire));
      });
      return () => undefined;
    });
    sip.reofferRefused(491);
    await quiet();
    await quiet();
    expect(sip.last('acceptOffer').sdp).toBe(fakeSdp('endpoint-2', 1));
    await quiet();
    await quiet();
    expect(sip.all('reoffer')).toHaveLength(2);
    sip.reofferAccepted(THEIRS);
    await quiet();
    expect(types()).toEqual(['mediaReset']);
  });

  it('and a far end that does not follow: the leg has no media any more', async () => {
    const { sip, leg, media, types } = received();
    leg.answer();
    await quiet();
    media.loseServer('one');
    await quiet();
    sip.reofferRefused(488);
    await quiet();
    expect(types()).toEqual(['mediaLost']);
  });

  it('and no other server: the same', async () => {
    const { leg, media, types } = received(THEIRS, new FakeMedia());
    leg.answer();
    await quiet();
    media.loseServer();
    await quiet();
    expect(types()).toEqual(['mediaLost']);
  });

  it('before the caller was answered is replaced without a word', async () => {
    const { sip, leg, media } = received();
    await quiet();
    media.loseServer('one');
    await quiet();
    leg.answer();
    await quiet();
    expect(sip.commands).toEqual([{ type: 'answer', sdp: fakeSdp('endpoint-2') }]);
  });

  it('while a target rings: the target is taken to another one once it has answered', async () => {
    const { sip, leg, media, types } = dialled();
    await quiet();
    media.loseServer('one');
    await quiet();
    expect(sip.commands).toEqual([]);
    // Whoever heard its ringing hears it no more.
    expect(types()).toEqual(['mediaReset']);
    await expect(leg.endpoint()).rejects.toThrow('rings');
    sip.answered(THEIRS);
    await quiet();
    expect(sip.last('reoffer').sdp).toBe(fakeSdp('endpoint-2'));
    sip.reofferAccepted(THEIRS);
    await quiet();
    expect(types()).toEqual(['mediaReset', 'mediaReset', 'answered']);
  });

  it('while it is given the answer of a target: the same, once', async () => {
    const { sip, media, types } = dialled();
    await quiet();
    const goOn = media.hangNext('modify');
    sip.answered(THEIRS);
    media.loseServer('one');
    goOn();
    await quiet();
    expect(sip.all('reoffer')).toHaveLength(1);
    sip.reofferAccepted(THEIRS);
    await quiet();
    expect(types()).toEqual(['mediaReset', 'answered']);
    expect(sip.all('reoffer')).toHaveLength(1);
  });

  it('and a far end that says nothing to the re-INVITE: the leg has no media any more, in time', async () => {
    const { leg, media, types, deadlines } = received();
    leg.answer();
    await quiet();
    media.loseServer('one');
    await quiet();
    expect(types()).toEqual([]);
    deadlines.forEach((pass) => pass());
    await quiet();
    expect(types()).toEqual(['mediaLost']);
  });

  it('is nothing to a leg that has gone', async () => {
    const { sip, leg, media, types } = received();
    leg.answer();
    await quiet();
    sip.hangUp();
    await quiet();
    media.loseServer('one');
    await quiet();
    expect(types()).toEqual(['hungUp']);
  });
});
