import { join } from 'node:path';
import { attachRealMedia } from './media-backend.js';

/** What of a bench's configuration a test may want otherwise. */
export interface VoiceOptions {
  /** The channel every call comes in on, over an anchored one with a SIP bot. */
  readonly channel?: (bench: Places) => Record<string, unknown>;
  /** Channels beside it. */
  readonly channels?: (bench: Places) => Record<string, unknown>;
  /** Top-level keys of the configuration. */
  readonly config?: (bench: Places) => Record<string, unknown>;
  /** On the FreeSWITCH the environment names, in place of the embedded media server. */
  readonly real?: boolean;
}

export interface Places {
  readonly dir: string;
  readonly url: string;
  readonly botUri: string;
  readonly agent: string;
  readonly second: string;
}

/** Everybody may transfer; numbers that begin with 7 go to the extensions without a bot. */
export function voiceConfig(
  { channel, channels, config, real = false }: VoiceOptions,
  places: Places,
): unknown {
  const { dir, url, botUri, agent, second } = places;
  const events = { url };
  return {
    sip: { listen: ['udp:127.0.0.1:0'] },
    api: { listen: '127.0.0.1:0' },
    log: { level: process.env['SWITCHHOOK_TEST_LOG'] ?? 'silent' },
    sounds: { dir, cacheDir: join(dir, 'cache') },
    ...(real && { media: { server: [realServer()] } }),
    trunks: { carrier: { allow: ['127.0.0.1/32'] } },
    policy: { allow: { hosts: ['127.0.0.1'] }, referFromNetwork: 'allow' },
    channels: {
      line: {
        match: { trunk: 'carrier', did: [] },
        media: 'anchored',
        bot: { kind: 'sip', uri: botUri, events },
        ...channel?.(places),
      },
      desk: { match: { trunk: 'carrier', did: ['7*'] }, media: 'anchored', route: 'requestUri', events },
      ...channels?.(places),
    },
    targets: {
      queues: {
        desk: { members: [agent, second], strategy: 'ringAll', music: 'moh.wav' },
        hunt: { members: [agent, second], strategy: 'sequential' },
      },
      extensions: {
        '7001': { sipUri: agent },
        '7002': { sipUri: second },
        '7003': { queue: 'desk' },
        '7004': { queue: 'hunt' },
      },
    },
    ...config?.(places),
  };
}

function realServer(): Record<string, unknown> {
  const backend = attachRealMedia();
  void backend.close();
  return { ...backend.esl };
}
