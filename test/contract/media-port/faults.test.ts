import { expect, it } from 'vitest';
import type { Endpoint, EndpointEvent, Media } from '../../../src/ports/media.js';
import { eventually } from '../../support/eventually.js';
import { sleep } from '../../support/poll.js';
import { describeMediaPort, type MediaRig, type Talk } from './rig.js';

const ONCE = { loop: false };

const lostOf = ({ events }: Talk): EndpointEvent[] => events.filter(({ type }) => type === 'lost');

function processOf(rig: MediaRig, endpoint: Endpoint): MediaRig['processes'][number] {
  const process = rig.processes.find(({ config }) => config.name === endpoint.server);
  if (process === undefined) throw new Error(`no process ${endpoint.server}`);
  return process;
}

const up = (media: Media): boolean[] => media.servers().map((server) => server.up);

describeMediaPort(
  'faults',
  (rig) => {
    it.each(['killed', 'frozen'] as const)(
      'a server is %s: what it had is lost within 2 s, once; the other takes the calls; then it is taken in again',
      async (how) => {
        const [one = '', two = ''] = rig.processes.map(({ config }) => config.name);
        const talks = await Promise.all([one, one, two, two].map((server) => rig.talk({ server })));
        const [first] = talks;
        if (first === undefined) throw new Error('no call');
        const victim = processOf(rig, first.endpoint);
        const on = talks.filter(({ endpoint }) => endpoint.server === victim.config.name);
        const off = talks.filter((talk) => !on.includes(talk));
        expect([on.length, off.length]).toEqual([2, 2]);
        const music = await first.endpoint.play([rig.tone(700, 60_000)], { loop: true });
        const begin = performance.now();
        if (how === 'killed') await victim.kill();
        else victim.freeze();
        const pending = first.endpoint.stop().catch((error: unknown) => error);
        await eventually(() => on.map((talk) => lostOf(talk).length)).toEqual([1, 1]);
        expect(performance.now() - begin).toBeLessThan(2000);
        expect(await music.finished).toBe('stopped');
        // A frozen server may be found out later than the one command.
        expect(await pending).toMatchObject({ reason: expect.stringMatching(/^(lost|timeout)$/) as string });
        expect(off.flatMap(lostOf)).toEqual([]);
        expect(rig.media.connected()).toBe(true);
        const meanwhile = await rig.talk();
        expect(meanwhile.endpoint.server).not.toBe(victim.config.name);
        const only = rig.talk({ server: victim.config.name });
        await expect(only).rejects.toMatchObject({ reason: 'unavailable' });
        if (how === 'killed') await victim.restart();
        else victim.thaw();
        await eventually(() => up(rig.media)).toEqual([true, true]);
        const again = await rig.talk({ server: victim.config.name });
        await again.endpoint.play([rig.tone(700, 5000)], ONCE);
        await eventually(() => again.phone.hears(700)).toBe(true);
        expect(on.map((talk) => lostOf(talk).length)).toEqual([1, 1]);
      },
      30_000,
    );

    it('calls asked for while their server freezes go to the other one', async () => {
      const [one] = rig.processes;
      one?.freeze();
      const talks = await Promise.all([rig.talk(), rig.talk(), rig.talk(), rig.talk()]);
      expect(new Set(talks.map(({ endpoint }) => endpoint.server))).toEqual(
        new Set([rig.processes[1]?.config.name]),
      );
      one?.thaw();
      await eventually(() => up(rig.media)).toEqual([true, true]);
    }, 20_000);

    it('all are gone: no media, told once; back: media, told once', async () => {
      await Promise.all(rig.processes.map((process) => process.kill()));
      await eventually(() => rig.media.connected()).toBe(false);
      const begin = performance.now();
      await expect(rig.talk()).rejects.toMatchObject({ reason: 'unavailable' });
      expect(performance.now() - begin).toBeLessThan(500);
      await Promise.all(rig.processes.map((process) => process.restart()));
      await eventually(() => up(rig.media)).toEqual([true, true]);
      expect(rig.told).toEqual([true, false, true]);
      await rig.talk();
    }, 20_000);

    it('calls are spread over both', async () => {
      const talks = await Promise.all(Array.from({ length: 8 }, () => rig.talk()));
      const counts = rig.media.servers().map(({ endpoints }) => endpoints);
      expect(talks.length).toBe(8);
      expect(Math.min(...counts)).toBeGreaterThan(1);
    });

    it('two endpoints of different servers are not bridged', async () => {
      const [one, two] = rig.processes.map(({ config }) => config.name);
      const a = await rig.talk({ server: one ?? '' });
      const b = await rig.talk({ server: two ?? '' });
      await expect(a.endpoint.bridge(b.endpoint)).rejects.toMatchObject({ reason: 'refused' });
    });

    it('a far end that sends nothing is given up by the server: lost, with its reason', async () => {
      const talk = await rig.talk();
      talk.phone.stopSending();
      await eventually(() => lostOf(talk)).toEqual([{ type: 'lost', reason: 'MEDIA_TIMEOUT' }]);
    }, 20_000);

    it('the SIP server is lost: so are the endpoints; back: media again', async () => {
      const talk = await rig.talk();
      await rig.restartSignalling();
      await eventually(() => lostOf(talk).length).toBe(1);
      await eventually(() => up(rig.media)).toEqual([true, true]);
      await rig.talk();
    }, 20_000);

    it('a start without servers names them', async () => {
      const nowhere = { name: '127.0.0.1:1', address: '127.0.0.1', port: 1, secret: 'x', profile: 'p' };
      const media = rig.create({ servers: [nowhere], startTimeoutMs: 300 });
      await expect(media.start()).rejects.toThrow('127.0.0.1:1');
    });

    it('a wrong secret and a missing profile are named at once', async () => {
      const [server] = rig.servers;
      if (server === undefined) throw new Error('no server');
      const wrong = rig.create({ servers: [{ ...server, secret: 'wrong' }] });
      await expect(wrong.start()).rejects.toThrow(/refuses the secret/);
      const missing = rig.create({ servers: [{ ...server, profile: 'none' }] });
      await expect(missing.start()).rejects.toThrow(/no SIP profile "none"/);
    });

    it('endpoints open at a stop are lost, and nothing is left', async () => {
      const talk = await rig.talk();
      await rig.media.stop();
      expect(lostOf(talk).length).toBe(1);
      await sleep(0);
    });
  },
  { only: 'embedded', count: 2, args: ['--media-timeout', '4000', '--heartbeat', '500'] },
);
