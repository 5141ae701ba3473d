import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newFrame } from '../audio/frame.js';
import { MediaClock } from './clock.js';
import { DtmfReceiver, DtmfSender, type Digit } from './dtmf.js';
import { JitterBuffer } from './jitter-buffer.js';
import { Negotiation } from './negotiation.js';
import { parseRtp, sequenceAhead, writeRtp } from './packet.js';

const filled = (value: number, length = 160): Int16Array => new Int16Array(length).fill(value);

describe('packets', () => {
  const packet = { payloadType: 8, marker: true, sequence: 65_535, timestamp: 4_294_967_295, ssrc: 7 };

  it('what is written is read', () => {
    const payload = Buffer.from([1, 2, 3]);
    expect(parseRtp(writeRtp({ ...packet, payload }))).toEqual({ ...packet, payload });
  });

  it('CSRCs, extensions and padding are no audio', () => {
    const bytes = writeRtp({
      ...packet,
      payload: Buffer.from([9, 9, 9, 9, 0xbe, 0xde, 0, 1, 5, 5, 5, 5, 42, 0, 2]),
    });
    bytes.writeUInt8(0x80 | 0x30 | 1, 0);
    expect(parseRtp(bytes)?.payload).toEqual(Buffer.from([42]));
  });

  it('RTCP, STUN and noise are not RTP', () => {
    expect(parseRtp(Buffer.concat([Buffer.from([0x80, 200, 0, 1]), Buffer.alloc(8)]))).toBeNull();
    expect(parseRtp(Buffer.concat([Buffer.from([0, 1, 0, 0]), Buffer.alloc(16)]))).toBeNull();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => void parseRtp(Buffer.from(noise))));
  });

  it('sequence numbers go round', () => {
    expect([sequenceAhead(65_535, 0), sequenceAhead(0, 65_535), sequenceAhead(10, 12)]).toEqual([1, -1, 2]);
  });
});

describe('the jitter buffer', () => {
  const pulled = (buffer: JitterBuffer, frames: number): (number | null)[] =>
    Array.from({ length: frames }, () => {
      const frame = newFrame();
      return buffer.pull(frame) ? (frame[0] ?? 0) : null;
    });

  it('waits for two packets, then plays in order, whatever the order they came in', () => {
    const buffer = new JitterBuffer();
    buffer.push(65_535, filled(1));
    expect(pulled(buffer, 1)).toEqual([null]);
    buffer.push(1, filled(3));
    buffer.push(0, filled(2));
    expect(pulled(buffer, 4)).toEqual([1, 2, 3, null]);
    expect(buffer.lost).toBe(0);
  });

  it('the first to come need not be the first', () => {
    const buffer = new JitterBuffer();
    buffer.push(11, filled(2));
    buffer.push(10, filled(1));
    expect(pulled(buffer, 2)).toEqual([1, 2]);
  });

  it('a lost packet is bridged once with a fading copy, and counted', () => {
    const buffer = new JitterBuffer();
    for (const sequence of [1, 2, 4, 5]) buffer.push(sequence, filled(1000));
    const frames = [newFrame(), newFrame(), newFrame(), newFrame(), newFrame()];
    for (const frame of frames) buffer.pull(frame);
    expect(frames[2]?.[0]).toBe(1000);
    expect(frames[2]?.[159]).toBeLessThan(20);
    expect(frames[3]?.[0]).toBe(1000);
    expect(buffer.lost).toBe(1);
  });

  it('duplicates and what is too late are not played', () => {
    const buffer = new JitterBuffer();
    for (const sequence of [1, 2, 2, 3]) buffer.push(sequence, filled(sequence));
    expect(pulled(buffer, 2)).toEqual([1, 2]);
    buffer.push(1, filled(99));
    expect(pulled(buffer, 2)).toEqual([3, null]);
    expect(buffer.lost).toBe(1);
  });

  it('packets of 10 or 30 ms come out as 20', () => {
    const buffer = new JitterBuffer();
    for (let n = 0; n < 6; n++) buffer.push(n, filled(n + 1, 80));
    expect(pulled(buffer, 4)).toEqual([1, 3, 5, null]);
    buffer.push(100, filled(7, 240));
    buffer.push(101, filled(8, 240));
    expect(pulled(buffer, 4)).toEqual([7, 7, 8, null]);
  });

  it('a far clock that runs fast costs old packets, not ever more delay', () => {
    const buffer = new JitterBuffer();
    for (let n = 0; n < 30; n++) buffer.push(n, filled(n));
    expect(buffer.dropped).toBe(20);
    expect(pulled(buffer, 1)).toEqual([20]);
  });

  it('digits have a place in the order and no length', () => {
    const buffer = new JitterBuffer();
    buffer.push(1, filled(1));
    buffer.push(2, new Int16Array(0));
    buffer.push(3, filled(3));
    expect(pulled(buffer, 3)).toEqual([1, 3, null]);
    expect(buffer.lost).toBe(0);
  });

  it('a jump far away is a new stream', () => {
    const buffer = new JitterBuffer();
    buffer.push(1, filled(1));
    buffer.push(2, filled(2));
    buffer.push(30_000, filled(7));
    buffer.push(30_001, filled(8));
    expect(pulled(buffer, 3)).toEqual([7, 8, null]);
  });

  it('a long gap is not made up for: 200 ms of silence, then what is there', () => {
    const buffer = new JitterBuffer();
    for (const sequence of [1, 2, 400, 401]) buffer.push(sequence, filled(sequence % 100));
    const frames: (number | null)[] = pulled(buffer, 14);
    expect(frames.slice(0, 2)).toEqual([1, 2]);
    expect(frames.slice(12)).toEqual([0, 1]);
    expect(buffer.lost).toBe(10);
  });

  it('whatever comes, it never throws and never holds more than 200 ms', () => {
    // Far apart, or near enough to be one stream with gaps.
    const sequence = fc.oneof(fc.nat(65_535), fc.nat(1200));
    const numbers = fc.array(fc.tuple(sequence, fc.nat(480), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(numbers, (packets) => {
        const buffer = new JitterBuffer();
        for (const [sequence, length, pull] of packets) {
          buffer.push(sequence, filled(1, length));
          if (pull) buffer.pull(newFrame());
        }
        let audible = 0;
        while (audible < 1000 && buffer.pull(newFrame())) audible++;
        expect(audible).toBeLessThan(1000);
      }),
    );
  });
});

describe('telephone-events (RFC 4733)', () => {
  const event = (code: number, end: boolean, duration: number, timestamp = 1000) => ({
    ...{ payloadType: 101, marker: false, sequence: 0, ssrc: 1, timestamp },
    payload: Buffer.from([code, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff]),
  });
  const receiver = (): [DtmfReceiver, Digit[]] => {
    const digits: Digit[] = [];
    return [new DtmfReceiver((digit) => digits.push(digit)), digits];
  };

  it('many packets, three ends: one digit', () => {
    const [dtmf, digits] = receiver();
    for (const duration of [160, 320, 480]) dtmf.onPacket(event(11, false, duration));
    for (let copy = 0; copy < 3; copy++) dtmf.onPacket(event(11, true, 640));
    expect(digits).toEqual([{ digit: '#', samples: 640, timestamp: 1000, ssrc: 1 }]);
  });

  it('the same key twice is two digits', () => {
    const [dtmf, digits] = receiver();
    dtmf.onPacket(event(5, true, 800, 1000));
    dtmf.onPacket(event(5, true, 800, 3000));
    expect(digits).toHaveLength(2);
  });

  it('an end that is lost: the next event, or quiet, ends it', () => {
    const [dtmf, digits] = receiver();
    dtmf.onPacket(event(1, false, 800, 1000));
    dtmf.onPacket(event(2, false, 160, 3000));
    expect(digits.map((d) => d.digit)).toEqual(['1']);
    for (let n = 0; n < 11; n++) dtmf.tick();
    expect(digits.map((d) => d.digit)).toEqual(['1', '2']);
    dtmf.onPacket(event(2, true, 320, 3000));
    expect(digits).toHaveLength(2);
  });

  it('what is no digit, or too short, is nothing', () => {
    const [dtmf, digits] = receiver();
    dtmf.onPacket(event(16, true, 800));
    dtmf.onPacket({ ...event(1, true, 800), payload: Buffer.from([1, 0x80]) });
    expect(digits).toEqual([]);
  });

  it('sent: one timestamp, growing duration, the end three times, then a pause', () => {
    const sender = new DtmfSender();
    sender.push('*', 60);
    const packets = [1000, 1160, 1320].flatMap((timestamp) => sender.tick(timestamp));
    expect(
      packets.map((p) => [
        p.timestamp,
        p.marker,
        p.payload[0],
        (p.payload[1] ?? 0) >> 7,
        p.payload.readUInt16BE(2),
      ]),
    ).toEqual([
      [1000, true, 10, 0, 160],
      [1000, false, 10, 0, 320],
      [1000, false, 10, 1, 480],
      [1000, false, 10, 1, 480],
      [1000, false, 10, 1, 480],
    ]);
    expect(sender.busy).toBe(true);
    for (let n = 0; n < 3; n++) expect(sender.tick(2000)).toEqual([]);
    expect(sender.busy).toBe(false);
  });
});

describe('the clock', () => {
  const rig = (): { clock: MediaClock; time: { now: number }; ticks: () => number; skips: number[] } => {
    const time = { now: 1000 };
    const skips: number[] = [];
    let ticks = 0;
    const target = { onTick: () => ticks++, onSkip: (n: number) => skips.push(n) };
    const clock = new MediaClock(target, () => time.now);
    clock.start();
    clock.stop();
    return { clock, time, ticks: () => ticks, skips };
  };

  it('lateness of one tick does not move the next: a minute is a minute', () => {
    const { clock, time, ticks } = rig();
    while (time.now < 61_000) {
      time.now += 20 + (time.now % 7);
      clock.run();
    }
    expect(ticks()).toBe(Math.floor((time.now - 1000) / 20));
  });

  it('what a short stall missed is made up for at once', () => {
    const { clock, time, ticks, skips } = rig();
    time.now += 105;
    clock.run();
    expect([ticks(), skips]).toEqual([5, []]);
  });

  it('what a long sleep missed is left out, and said', () => {
    const { clock, time, ticks, skips } = rig();
    time.now += 5000;
    clock.run();
    expect([ticks(), skips]).toEqual([1, [249]]);
  });
});

describe('offers and answers', () => {
  const offer = (lines: string, direction = 'sendrecv'): string =>
    `v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n${lines}a=${direction}\r\n`;
  const audio = 'm=audio 4000 RTP/AVP 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\n';
  const fresh = (): Negotiation => new Negotiation('127.0.0.1', 20_000);

  it.each([
    ['sendrecv', 'sendrecv', true, true],
    ['sendonly', 'recvonly', false, true],
    ['recvonly', 'sendonly', true, false],
    ['inactive', 'inactive', false, false],
  ])('%s is answered with %s', (theirs, ours, send, receive) => {
    const one = fresh();
    expect(one.answer(offer(audio, theirs))).toContain(`a=${ours}\r\n`);
    expect(one.terms).toMatchObject({ send, receive, eventType: 96, payloadType: 8 });
  });

  it('the version grows with a change and only with one', () => {
    const one = fresh();
    const version = (sdp: string | null): string | undefined => /^o=\S+ \d+ (\d+)/m.exec(sdp ?? '')?.[1];
    expect(version(one.answer(offer(audio)))).toBe('1');
    expect(version(one.answer(offer(audio)))).toBe('1');
    expect(version(one.answer(offer(audio, 'sendonly')))).toBe('2');
  });

  it('refused lines stay where they are, also in an offer of ours later', () => {
    const one = fresh();
    const image = 'm=image 5000 udptl t38\r\n';
    const kinds = (sdp: string | null): unknown =>
      [...(sdp ?? '').matchAll(/^m=(\w+) (\d+)/gm)].map((m) => m.slice(1));
    const wanted = [
      ['image', '0'],
      ['audio', '20000'],
    ];
    expect(kinds(one.answer(offer(image + audio)))).toEqual(wanted);
    expect(kinds(one.offer())).toEqual(wanted);
  });

  it.each([
    'm=audio 4000 RTP/SAVP 0\r\n',
    'm=audio 0 RTP/AVP 0\r\n',
    'm=audio 4000 RTP/AVP 18\r\n',
    'm=video 4000 RTP/AVP 96\r\n',
    'nonsense',
  ])('nothing in it for us: %j', (lines) => {
    expect(fresh().answer(offer(lines))).toBeNull();
  });

  it('a refused offer leaves the terms as they were', () => {
    const one = fresh();
    one.answer(offer(audio));
    const before = one.terms;
    one.answer(offer('m=audio 4000 RTP/AVP 18\r\n'));
    expect(one.terms).toBe(before);
  });

  it('our own offer echoed is nobody to talk to', () => {
    const one = fresh();
    expect(one.accept(`${one.offer()}a=recvonly\r\n`)).toBe(true);
    expect(one.terms).toMatchObject({ remote: null, receive: false });
  });

  it('c=0.0.0.0 is the old way to hold', () => {
    const one = fresh();
    one.answer(offer(audio).replace('c=IN IP4 10.0.0.1', 'c=IN IP4 0.0.0.0'));
    expect(one.terms?.remote).toBeNull();
  });

  it('a dynamic number for a codec is used as the far end wants it', () => {
    const one = fresh();
    const answer = one.answer(offer('m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 pcmu/8000/1\r\n'));
    expect(answer).toContain('RTP/AVP 97\r\na=rtpmap:97 PCMU/8000\r\n');
    expect(one.terms).toMatchObject({ payloadType: 97, eventType: null });
  });
});
