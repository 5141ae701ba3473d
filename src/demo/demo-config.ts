import { loadConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';

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
}

/**
 * The engine's configuration in the demo: what `config/default.yaml` has, on ports that are free, with the failure
 * policy that the second call shows.
 */
export function demoConfig({ api, botUri, eventsUrl, secret, phones }: Addresses): Config {
  const document = {
    sip: { server: 'embedded', listen: ['udp:127.0.0.1:0'] },
    // The parties of the demo send their audio to each other.
    media: { server: 'none' },
    api: { listen: api },
    trunks: { carrier: { allow: ['127.0.0.1/32'], proxy: `sip:${phones}` } },
    channels: {
      'support-line': {
        match: { trunk: 'carrier', did: ['1800*'] },
        trunk: 'carrier',
        bot: { kind: 'sip', uri: botUri, events: { url: eventsUrl, dialect: 'native', secret } },
      },
    },
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
  return loadConfig({ file: 'the demo', env: {}, readFile: () => JSON.stringify(document) });
}
