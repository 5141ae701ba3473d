import { expect, it, onTestFinished } from 'vitest';
import { RedisServer } from '../contract/store/redis-server.js';
import { describeServers, type Bench } from '../support/contract-bench.js';
import { EngineProcess } from '../support/engine-process.js';
import { eventually } from '../support/eventually.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

/** Whatever the SIP server makes of the death of an engine, callers and bots get the same of it. */

const PATIENT = { timeoutMs: 15_000 };

async function town(bench: Bench) {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.stop());
  const bots = await WebhookReceiver.start();
  onTestFinished(() => bots.stop());
  const caller = await bench.phone({ ...PATIENT, user: 'caller' });
  const bot = await bench.phone({ ...PATIENT, user: 'bot' });
  const call = caller.call(bench.sip(), { to: '18005550100' });
  const { host, port, secret } = bench.backend.admin;
  const engine = async (): Promise<EngineProcess> => {
    const process = new EngineProcess(`
sip: { server: { host: "${host}", port: ${port}, secret: "${secret}" } }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: warn }
store: "redis://127.0.0.1:${redis.port}/0"
trunks: { carrier: { allow: [ "127.0.0.1/32" ], proxy: "sip:127.0.0.1:9" } }
channels:
  line:
    match: { trunk: carrier, did: [ "1800*" ] }
    trunk: carrier
    bot: { kind: sip, uri: "${bot.uri}", events: { url: "${bots.url}", dialect: native } }
`);
    onTestFinished(async () => {
      process.kill('SIGKILL');
      await process.exit;
    });
    await process.ready();
    return process;
  };
  const types = (): string[] => bots.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  return { call, bot, engine, types };
}

const takenOver = (by: EngineProcess): Promise<void> =>
  eventually(() => by.stdout + by.stderr).toContain('a call was taken over');

describeServers(
  'an engine is killed',
  (bench) => {
    it('amid a conversation: it goes on, and when the caller hangs up so is the bot', async () => {
      const { call, bot, engine, types } = await town(bench);
      const first = await engine();
      call.invite();
      const invite = await bot.expect('INVITE');
      const bots = bot.answering(invite);
      bots.accept(invite);
      call.ack(await call.expect(200));
      await bots.expect('ACK');
      await eventually(types).toEqual(['call.started']);
      const heir = await engine();
      first.kill('SIGKILL');
      await takenOver(heir);
      expect([bots.take('BYE'), call.take('BYE'), types()]).toEqual([undefined, undefined, ['call.started']]);
      call.bye();
      bots.respond(await bots.expect('BYE'), 200);
      await eventually(types).toEqual(['call.started', 'call.ended']);
    }, 60_000);

    it('while a caller waits for its bot: the bot is cancelled, the caller refused', async () => {
      const { call, bot, engine } = await town(bench);
      const first = await engine();
      call.invite();
      const invite = await bot.expect('INVITE');
      const bots = bot.answering(invite);
      bots.respond(invite, 180);
      // The real server hands the call to any engine there is: so only now.
      await engine();
      first.kill('SIGKILL');
      bots.respond(await bots.expect('CANCEL'), 200);
      bots.respond(invite, 487);
      call.ack(await call.expect('503 INVITE'));
    }, 60_000);
  },
  { embedded: { orphanMs: 15_000, timers: { requestAnswer: 5000, appAnswer: 15_000 } } },
);
