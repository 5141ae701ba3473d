import { existsSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers, type Party } from '../../support/media-bench.js';
import type { Conference, EslEvent } from '../../support/media-fsmrf.js';
import { nextEvent } from '../../support/poll.js';
import { hasTone } from '../../support/media-tones.js';
import { readWav } from '../../support/media-wav.js';

const TONES = [700, 1000, 1300];

describeMediaServers('conference', (bench) => {
  let rooms = 0;
  const roomName = (): string => `room${process.pid}x${++rooms}`;

  /** Three phones, each with its own tone, in one room. */
  async function three(name: string): Promise<[Party, Party, Party]> {
    const parties: Party[] = [];
    for (const tone of TONES) {
      const party = await bench.party();
      party.phone.say(tone);
      await party.endpoint.join(name);
      parties.push(party);
    }
    return parties as [Party, Party, Party];
  }

  /** The control leg goes, and the conference with it. */
  async function finish({ name, memberId }: Conference): Promise<void> {
    await bench.ms.api(`conference ${name} hup ${memberId}`);
    await eventually(() => bench.ms.api(`conference ${name} list count`)).toMatch(/not found|No active/);
  }

  it('everybody hears all the others and nobody itself', async () => {
    const [a, b, c] = await three(roomName());
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([700, 1300]);
    await eventually(() => c.phone.hearing(TONES)).toEqual([700, 1000]);
  });

  it('mute, unmute, deaf and undeaf of one member', async () => {
    const [a, b] = await three(roomName());
    await a.endpoint.confMute();
    await eventually(() => b.phone.hearing(TONES)).toEqual([1300]);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    await a.endpoint.confUnmute();
    await eventually(() => b.phone.hearing(TONES)).toEqual([700, 1300]);
    await a.endpoint.confDeaf();
    await eventually(() => a.phone.hearsSilence).toBe(true);
    await a.endpoint.confUndeaf();
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
  });

  it('unjoin: the member is out and usable, the others go on', async () => {
    const [a, b, c] = await three(roomName());
    await a.endpoint.unjoin();
    await eventually(() => b.phone.hearing(TONES)).toEqual([1300]);
    await a.endpoint.play(bench.toneFile(440, 300));
    expect(a.phone.firstHeard(440)).toBeDefined();
    expect(c.phone.hearing(TONES)).toEqual([1000]);
  });

  it('the conference application completes when its member leaves', async () => {
    const { endpoint } = await bench.party();
    const done = endpoint.execute('conference', roomName());
    const name = roomName();
    await eventually(
      async () => (await endpoint.api('uuid_getvar', [endpoint.uuid, 'conference_member_id'])).body,
    ).toMatch(/^\d+$/);
    const id = (await endpoint.api('uuid_getvar', [endpoint.uuid, 'conference_member_id'])).body;
    const room = (await endpoint.api('uuid_getvar', [endpoint.uuid, 'conference_name'])).body;
    expect(room).not.toBe(name);
    await bench.ms.api(`conference ${room} kick ${id}`);
    expect((await done).getHeader('Application')).toBe('conference');
  });

  it('createConference: size, limits, list; its end hangs up who is not to stay', async () => {
    const name = roomName();
    const conference = await bench.ms.createConference(name, { maxMembers: 5 });
    expect(await conference.getSize()).toBe(1);
    const a = await bench.party();
    const b = await bench.party();
    await a.endpoint.set('hangup_after_conference', 'false');
    const { memberId } = await a.endpoint.join(conference);
    expect(await conference.getSize()).toBe(2);
    expect((await conference.list()).getBody()).toContain(`${memberId};`);
    expect(await conference.get('max_members')).toBe(5);
    await expect(bench.ms.createConference(name)).rejects.toBe('conference exists');
    await b.endpoint.join(conference);
    const hungUp = nextEvent(b.endpoint, 'destroy');
    await finish(conference);
    await hungUp;
    await a.endpoint.play(bench.toneFile(440, 200));
    expect(a.phone.firstHeard(440)).toBeDefined();
  });

  it('play to the room and to one member', async () => {
    const conference = await bench.ms.createConference(roomName());
    const a = await bench.party();
    const b = await bench.party();
    await a.endpoint.join(conference);
    await b.endpoint.join(conference);
    const result = await conference.play([bench.toneFile(440, 200), bench.toneFile(900, 200)]);
    expect(result.samples).toBeGreaterThanOrEqual(3200);
    for (const { phone } of [a, b]) {
      expect(phone.firstHeard(440)).toBeDefined();
      expect(phone.firstHeard(900)).toBeDefined();
    }
    await a.endpoint.confPlay(bench.toneFile(1700, 300));
    await eventually(() => a.phone.firstHeard(1700)).toBeDefined();
    expect(b.phone.firstHeard(1700)).toBeUndefined();
    expect(await conference.play(bench.path('not-there.wav'))).toEqual({
      seconds: 0,
      milliseconds: 0,
      samples: 0,
    });
    await finish(conference);
  });

  it('recording of the room', async () => {
    const conference = await bench.ms.createConference(roomName());
    const a = await bench.party();
    const b = await bench.party();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.join(conference);
    await b.endpoint.join(conference);
    const file = bench.path('room.wav');
    await conference.startRecording(file);
    await eventually(() => existsSync(file) && statSync(file).size > 12_000).toBe(true);
    await conference.stopRecording(file);
    const track = readWav(file).tracks[0] ?? new Int16Array(0);
    const end = track.subarray(-1600);
    expect([hasTone(end, 700), hasTone(end, 1300)]).toEqual([true, true]);
    await finish(conference);
  });

  it('events: members come, talk, press keys and go', async () => {
    const conference = await bench.ms.createConference(roomName());
    const { phone, endpoint } = await bench.party();
    const added = nextEvent(conference, 'addMember');
    const { memberId } = await endpoint.join(conference);
    const [add] = (await added) as [EslEvent];
    expect(add.getHeader('Member-ID')).toBe(String(memberId));
    expect(add.getHeader('Conference-Size')).toBe('2');
    const talking = nextEvent(conference, 'startTalking', 10_000);
    phone.say(700);
    expect((await talking)[0]).toBeDefined();
    const removed = nextEvent(conference, 'delMember');
    await endpoint.destroy();
    const [gone] = (await removed) as [EslEvent];
    expect(gone.getHeader('Member-ID')).toBe(String(memberId));
    await finish(conference);
  });

  it('transfer to another room', async () => {
    const [a, b] = await three(roomName());
    const other = roomName();
    const d = await bench.party();
    await d.endpoint.join(other);
    await a.endpoint.transfer(other);
    await eventually(() => d.phone.hearing(TONES)).toEqual([700]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([1300]);
  });

  it('destroyed within the room: the endpoint is gone, and so is its seat', async () => {
    const name = roomName();
    const [a] = await three(name);
    await a.endpoint.destroy();
    await eventually(() => bench.ms.api(`conference ${name} list count`)).toBe('2');
  });

  it('lock: nobody else gets in', async () => {
    const conference = await bench.ms.createConference(roomName());
    await conference.lock();
    const late = await bench.party();
    const done = await late.endpoint.execute('conference', conference.name);
    expect(done.getHeader('Application')).toBe('conference');
    expect(await conference.getSize()).toBe(1);
    await conference.unlock();
    await late.endpoint.join(conference);
    expect(await conference.getSize()).toBe(2);
    await finish(conference);
  });

  it('a pin keeps out who has not brought it, and ends its call', async () => {
    const name = roomName();
    const knowing = await bench.party();
    await knowing.endpoint.set('supplied_pin', '4711');
    await knowing.endpoint.join(name, { pin: '4711' });
    const stranger = await bench.party();
    const gone = nextEvent(stranger.endpoint, 'destroy');
    void stranger.endpoint.execute('conference', `${name}+4711`);
    const [{ reason }] = (await gone) as [{ reason: string }];
    expect(reason).toBe('DESTINATION_OUT_OF_ORDER');
    expect(await bench.ms.api(`conference ${name} list count`)).toBe('1');
  });

  it('who waits for a moderator hears nobody until there is one', async () => {
    const name = roomName();
    const waiting = await bench.party();
    const other = await bench.party();
    other.phone.say(700);
    await waiting.endpoint.join(name, { flags: { waitMod: true } });
    await other.endpoint.join(name, { flags: { waitMod: true } });
    await other.endpoint.api('uuid_exists', [other.endpoint.uuid]);
    await eventually(() => waiting.phone.hearsSilence).toBe(true);
    const moderator = await bench.party();
    await moderator.endpoint.join(name, { flags: { moderator: true } });
    await eventually(() => waiting.phone.hears(700)).toBe(true);
  });

  it('a room of two ends with one of them where it was asked to', async () => {
    const name = roomName();
    const a = await bench.party();
    const b = await bench.party();
    await a.endpoint.join(name);
    await b.endpoint.join(name, { flags: { mintwo: true } });
    await a.endpoint.destroy();
    await eventually(() => bench.ms.api(`conference ${name} list count`)).toMatch(/not found|No active/);
  });
});

describeMediaServers(
  'conference, embedded',
  (bench) => {
    // FreeSWITCH 1.10.12 reads no commands on a leg that only sends, as drachtio-srf makes the control leg.
    it('destroy of a conference ends it', async () => {
      const name = `ends${process.pid}`;
      const conference = await bench.ms.createConference(name);
      await conference.destroy();
      await eventually(() => bench.ms.api(`conference ${name} list count`)).toMatch(/not found|No active/);
    });
  },
  { only: 'embedded' },
);
