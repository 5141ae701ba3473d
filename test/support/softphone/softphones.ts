import { EngineProcess } from '../engine-process.js';
import { until } from '../poll.js';
import { WebhookReceiver } from '../webhook-receiver.js';
import { Baresip } from './baresip.js';
import { ListeningBot } from './bot.js';

/** An event as the bot is told it. */
export interface Told {
  readonly type: string;
  readonly callId: string;
  readonly data: Record<string, unknown>;
}

interface Parties {
  readonly caller: Baresip;
  readonly agent: Baresip;
  readonly colleague: Baresip;
  readonly bot: ListeningBot;
  readonly events: WebhookReceiver;
}

/** Extensions of the two that answer calls; whoever dials them at the engine is routed there. */
export const AGENT = '7001';
export const COLLEAGUE = '7002';

type Closer = () => Promise<unknown>;

const WAIT_MS = 8000;

/** The engine as a process with a softphone for the caller and each agent, and a SIP bot. */
export class Softphones {
  private told = 0;

  private constructor(
    private readonly parties: Parties,
    private readonly at: { readonly sip: string; readonly api: string },
    private readonly closers: readonly Closer[],
  ) {}

  static async start(): Promise<Softphones> {
    const closers: Closer[] = [];
    try {
      const parties = await gather(closers);
      const engine = new EngineProcess(configuration(parties));
      closers.push(() => (engine.kill('SIGTERM'), engine.exit));
      const { sip, api } = await engine.ready();
      return new Softphones(parties, { sip: (sip[0] ?? '').slice('udp:'.length), api }, closers);
    } catch (error) {
      await closeAll(closers);
      throw error;
    }
  }

  get caller(): Baresip {
    return this.parties.caller;
  }

  get agent(): Baresip {
    return this.parties.agent;
  }

  get colleague(): Baresip {
    return this.parties.colleague;
  }

  get bot(): ListeningBot {
    return this.parties.bot;
  }

  /** An address at the engine. */
  uri(user: string): string {
    return `sip:${user}@${this.at.sip}`;
  }

  /** The caller dials a number of the bot's and talks to it; the id of the call. */
  async talk(): Promise<string> {
    const { caller, bot } = this.parties;
    await caller.dial(this.uri('18005550100'));
    await caller.next('CALL_ESTABLISHED');
    await bot.hears();
    return (await this.next('call.started')).callId;
  }

  async transfer(callId: string, command: object): Promise<void> {
    const response = await fetch(`${this.at.api}/v1/calls/${callId}/transfers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(command),
    });
    if (response.status !== 202) throw new Error(await response.text());
  }

  /** The next event of a type behind those asked for before. */
  async next(type: string): Promise<Told> {
    const { received } = this.parties.events;
    const at = (): number => received.findIndex(({ json }, i) => i >= this.told && json['type'] === type);
    const types = (): string => received.map(({ json }) => String(json['type'])).join(' ');
    await until(
      () => at() >= 0,
      () => `no ${type} behind the first ${this.told} of ${types()}`,
      WAIT_MS,
    );
    const { callId, data } = received[at()]!.json;
    this.told = at() + 1;
    return { type, callId: String(callId), data: data as Told['data'] };
  }

  /** How many calls the engine still has. */
  async live(): Promise<number> {
    return (await this.calls()).length;
  }

  /** Hangs up what a failed test has left, and forgets what was told. */
  async clear(): Promise<void> {
    for (const { callId } of await this.calls())
      await fetch(`${this.at.api}/v1/calls/${callId}`, { method: 'DELETE' });
    const { caller, agent, colleague, events } = this.parties;
    for (const phone of [caller, agent, colleague]) phone.forget();
    this.told = events.received.length;
  }

  close(): Promise<void> {
    return closeAll(this.closers);
  }

  private async calls(): Promise<readonly { readonly callId: string }[]> {
    const response = await fetch(`${this.at.api}/v1/calls`);
    return ((await response.json()) as { items: { callId: string }[] }).items;
  }
}

/** One after the other: each takes its ports before the next one looks for free ones. */
async function gather(closers: Closer[]): Promise<Parties> {
  const baresip = async (user: string): Promise<Baresip> => {
    const phone = await Baresip.start(user);
    closers.push(() => phone.stop());
    return phone;
  };
  const events = await WebhookReceiver.start();
  closers.push(() => events.stop());
  const bot = await ListeningBot.open();
  closers.push(() => bot.close());
  const [caller, agent] = [await baresip('caller'), await baresip('agent')];
  return { events, bot, caller, agent, colleague: await baresip('colleague') };
}

/** The last one opened first. */
async function closeAll(closers: readonly Closer[]): Promise<void> {
  for (const close of [...closers].reverse()) await close();
}

const configuration = ({ caller, agent, colleague, bot, events }: Parties): string => `
sip: { server: embedded, listen: [ "udp:127.0.0.1:0" ] }
media: { server: none }
api: { listen: "127.0.0.1:0" }
log: { level: error }
drainMs: 300
trunks:
  phones: { allow: [ "127.0.0.1/32" ], proxy: "${caller.uri.replace(/:.*@/, ':')}", transfer: { refer: "yes" } }
channels:
  line:
    match: { trunk: phones, did: [ "1800*" ] }
    trunk: phones
    bot: { kind: sip, uri: "${bot.uri}", events: { url: "${events.url}", dialect: native } }
  inside:
    match: { trunk: phones, did: [ "7*" ] }
    trunk: phones
    route: requestUri
    events: { url: "${events.url}", dialect: native }
targets:
  extensions: { "${AGENT}": { sipUri: "${agent.uri}" }, "${COLLEAGUE}": { sipUri: "${colleague.uri}" } }
policy: { referFromNetwork: allow, allow: { hosts: [ "127.0.0.1" ] } }
transfer: { refer: { departMs: 200 } }
`;
