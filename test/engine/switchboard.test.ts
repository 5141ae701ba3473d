import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/domain/call-event.js';
import { AnchoredLeg } from '../../src/engine/anchor/anchored-leg.js';
import { Switchboard } from '../../src/engine/anchor/switchboard.js';
import { silentLog } from '../../src/ports/log.js';
import { FakeMedia } from '../support/fake-media.js';
import { FakeLeg, POLITE } from '../support/fake-signalling.js';

const OFFER =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two legs with an endpoint each, and what the call is told. */
function bench() {
  const media = new FakeMedia();
  const posted: CallEvent[] = [];
  const parts = { media, after: () => () => undefined, random: () => 0.5, beside: null };
  const leg = (name: string): AnchoredLeg => {
    const ears = { listener: () => undefined, media: () => undefined };
    const made = AnchoredLeg.received(parts, ears, new FakeLeg('caller', name, POLITE), OFFER);
    return made;
  };
  const legs = new Map([
    ['caller', leg('caller')],
    ['bot', leg('bot')],
  ]);
  const switchboard = new Switchboard({
    sounds: null,
    log: silentLog,
    leg: (name) => legs.get(name),
    post: (event) => void posted.push(event),
    callId: 'call-1',
  });
  return { media, posted, switchboard };
}

describe('who hears whom', () => {
  it('a bridge that is made is told', async () => {
    const { media, posted, switchboard } = bench();
    switchboard.perform({ type: 'bridge', leg: 'caller', with: 'bot', change: 1 });
    await quiet();
    expect(media.endpoint(1).partner).toBe(media.endpoint(2));
    expect(posted).toEqual([{ type: 'changed', change: 1, result: 'done' }]);
  });

  it('one that is lost with an endpoint is told when the leg has its next, not before: it would be lost again', async () => {
    const { media, posted, switchboard } = bench();
    await quiet();
    const opened = media.hangNext('open');
    media.hangNext('bridge');
    switchboard.perform({ type: 'bridge', leg: 'caller', with: 'bot', change: 1 });
    await quiet();
    media.endpoint(1).lose('gone');
    await quiet();
    expect(posted).toEqual([]);
    opened();
    await quiet();
    expect(posted).toEqual([{ type: 'changed', change: 1, result: 'lost' }]);
  });

  it('one that is refused is told at once', async () => {
    const { media, posted, switchboard } = bench();
    await quiet();
    media.failNext('bridge', 'refused');
    switchboard.perform({ type: 'bridge', leg: 'caller', with: 'bot', change: 1 });
    await quiet();
    expect(posted).toMatchObject([{ type: 'changed', change: 1, result: { code: 503 } }]);
  });
});
