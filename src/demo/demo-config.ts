import { loadConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import type { DemoVoice } from './demo-voice.js';

export interface Addresses {
  /** `host:port` for the HTTP API. */
  readonly api: string;
  /** Where the bot takes calls. */
  readonly botUri: string;
  /** Where it takes events, and the secret they are signed with. */
  readonly eventsUrl: string;
  readonly secret: string;
  /** `host:port` of the phones. */
  readonly phones: string;
  /** Where the bot that speaks by replies is asked. */
  readonly webhookUrl: string;
  /** Where its calls are recorded. */
  readonly recordings: string;
}

/**
 * The engine's configuration in the demo: what `config/default.yaml` has, on ports that are free, with the failure
 * policy that the second call shows.
 */
export function demoConfig(addresses: Addresses, voice: DemoVoice, path: string): Config {
  const { api, botUri, eventsUrl, secret, phones } = addresses;
  const document = {
    sip: { server: 'embedded', listen: ['udp:127.0.0.1:0'] },
    api: { listen: api },
    trunks: { carrier: { allow: ['127.0.0.1/32'], proxy: `sip:${phones}` } },
    channels: {
      'support-line': {
        match: { trunk: 'carrier', did: ['1800*'] },
        trunk: 'carrier',
        bot: { kind: 'sip', uri: botUri, events: { url: eventsUrl, dialect: 'native', secret } },
      },
      'voice-line': voiceLine(addresses),
    },
    sounds: { speech: voice.speech },
    policy: { allow: { hosts: ['127.0.0.1'] } },
    transfer: {
      onFailure: [
        { match: ['busy', 'no_answer'], action: 'goto', node: 'Apology' },
        { match: ['*'], action: 'end' },
      ],
    },
    log: { level: 'error' },
  };
  // JSON is YAML: the demo goes through the same loader and checks as every configuration file.
  return loadConfig({ file: 'the demo', env: { PATH: path }, readFile: () => JSON.stringify(document) });
}

/** Its audio runs through the media server: the bot is asked what to say, and the caller hears music while it waits. */
const voiceLine = ({ webhookUrl, secret, recordings }: Addresses): object => ({
  match: { trunk: 'carrier', did: ['1900*'] },
  trunk: 'carrier',
  media: 'anchored',
  bot: { kind: 'webhook', url: webhookUrl, dialect: 'native', secret, maxDigits: 1 },
  recording: { dir: recordings, channels: 'stereo' },
  transfer: {
    waiting: 'music',
    music: 'moh.wav',
    onFailure: [{ match: ['*'], action: 'goto', node: 'SomebodyElse' }],
  },
});
