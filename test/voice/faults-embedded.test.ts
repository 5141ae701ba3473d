import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { childrenOf, EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import type { Address, PhoneCall } from '../support/sip-phone/index.js';
import { VoiceParty } from '../support/voice-party.js';
import { VOICES } from '../support/voice-sounds.js';

const config = (botUri: string): string => `
sip: { listen: ["udp:127.0.0.1:0"] }
api: { listen: "127.0.0.1:0" }
trunks: { carrier: { allow: ["127.0.0.1/32"] } }
channels: { line: { media: anchored, match: { trunk: carrier }, bot: { kind: sip, uri: "${botUri}" } } }
`;

async function mediaServerOf(engine: EngineProcess): Promise<number> {
  const children = await childrenOf(engine.pid);
  const lines = await Promise.all(children.map((child) => readFile(`/proc/${child}/cmdline`, 'utf8')));
  return children[lines.findIndex((line) => line.includes('embedded/media-server'))] ?? 0;
}

it('the media server of the engine dies: calls end, new ones are refused until it has started it again', async () => {
  const [caller, bot] = await Promise.all([
    VoiceParty.open('caller', VOICES.caller),
    VoiceParty.open('bot', VOICES.bot),
  ]);
  const engine = new EngineProcess(config(bot.uri));
  try {
    const { sip, api } = await engine.ready();
    const [, host = '', port = ''] = /^udp:([^:]+):(\d+)/.exec(sip[0] ?? '') ?? [];
    const server: Address = { proto: 'udp', host, port: Number(port) };
    const media = (): Promise<unknown> =>
      fetch(`${api}/readyz`)
        .then((answer) => answer.json())
        .then((body) => (body as { dependencies: { media: string } }).dependencies.media);
    await eventually(media).toBe('up');
    const talk = async (): Promise<PhoneCall> => {
      const [call] = await Promise.all([caller.calls(server, '18005550100'), bot.answers()]);
      await eventually(() => [caller.hearing, bot.hearing]).toEqual(['bot', 'caller']);
      return call;
    };

    await talk();
    process.kill(await mediaServerOf(engine), 'SIGKILL');
    await eventually(() => [caller.byes.length, bot.byes.length]).toEqual([1, 1]);
    expect(await media()).toBe('down');

    const line = caller.dials(server, '18005550100');
    const refused = await line.expect((message) => message.status >= 200);
    line.ack(refused);
    expect(refused.status).toBe(503);
    expect(engine.stderr).toContain('call refused with 503: no media server is up');

    await eventually(media).toBe('up');
    await Promise.all([caller.renew(), bot.renew()]);
    const again = await talk();
    again.bye();
    await eventually(() => bot.byes).toHaveLength(1);
  } finally {
    engine.kill('SIGTERM');
    await Promise.all([engine.exit, caller.close(), bot.close()]);
  }
}, 60_000);
