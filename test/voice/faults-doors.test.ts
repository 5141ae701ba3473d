import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { MediaProcess } from '../support/media-process.js';
import type { SipMessage } from '../support/sip-phone/index.js';
import { VoiceBench } from '../support/voice-bench.js';

/** How quickly a caller without hope is told so. */
const AT_ONCE_MS = 500;

describe('calls that come while media servers are down', { timeout: 60_000 }, () => {
  let bench: VoiceBench;
  let servers: readonly [MediaProcess, MediaProcess];
  beforeEach(async () => {
    servers = await Promise.all([MediaProcess.start(), MediaProcess.start()]);
    bench = await VoiceBench.start({ config: withBoth });
    await eventually(ready).toMatchObject({ status: 200, media: 'up' });
  }, 30_000);
  afterEach(async () => {
    await bench.close();
    await Promise.all(servers.map((server) => server.kill()));
  }, 30_000);

  const withBoth = ({ botUri, url }: { botUri: string; url: string }): Record<string, unknown> => ({
    media: { server: servers.map(({ address }) => address) },
    channels: {
      line: channel('anchored', [], botUri, url),
      straight: channel('direct', ['5*'], botUri, url),
    },
    targets: {},
  });

  async function ready(): Promise<{ status: number; media: unknown; detail: unknown }> {
    const response = await fetch(`${bench.app.apiUrl}/readyz`);
    const { dependencies, details } = (await response.json()) as Record<string, Record<string, unknown>>;
    return { status: response.status, media: dependencies?.['media'], detail: details?.['media'] };
  }

  /** The final response to a call to the channel with a media server. */
  async function turnedAway(): Promise<SipMessage> {
    const line = bench.caller.dials(bench.sip, '18005550100');
    const answer = await line.expect((message) => message.status >= 200);
    line.ack(answer);
    return answer;
  }

  it('all down: 503 at once, direct media as ever, not ready; calls again when one is back', async () => {
    const [one, two] = servers;
    await Promise.all([one.kill(), two.kill()]);
    await eventually(ready).toMatchObject({ status: 503, media: 'down' });
    expect((await ready()).detail).toContain(one.name);
    const begun = performance.now();
    const answer = await turnedAway();
    expect([answer.status, answer.get('retry-after')]).toEqual([503, '5']);
    expect(performance.now() - begun).toBeLessThan(AT_ONCE_MS);
    expect(bench.bot.requests('INVITE')).toEqual([]);
    expect(bench.toldOf('call.started')).toEqual([]);
    const [straight] = await Promise.all([bench.caller.calls(bench.sip, '500'), bench.bot.answers()]);
    await bench.talk(bench.caller, bench.bot);
    straight.bye();
    await bench.event('call.ended');
    await two.restart();
    await eventually(ready).toMatchObject({ status: 200, media: 'degraded' });
    await bench.talking();
  });

  it('one down: degraded, and calls go to the other', async () => {
    const [one, two] = servers;
    await one.kill();
    await eventually(ready).toMatchObject({ status: 200, media: 'degraded' });
    await bench.talking();
    const endpoints = bench.app.media?.servers().map((server) => [server.name, server.up, server.endpoints]);
    expect(endpoints).toEqual([
      [one.name, false, 0],
      [two.name, true, 2],
    ]);
  });

  it('both up: the endpoints of one call are on one server', async () => {
    await bench.talking();
    const endpoints = bench.app.media?.servers().map((server) => server.endpoints) ?? [];
    expect([...endpoints].sort()).toEqual([0, 2]);
    expect(bench.caller.requests('INVITE')).toEqual([]);
  });
});

const channel = (media: string, did: readonly string[], botUri: string, url: string): unknown => ({
  match: { trunk: 'carrier', did },
  media,
  bot: { kind: 'sip', uri: botUri, events: { url } },
});
