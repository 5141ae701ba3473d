import type { Config } from './schema.js';

export type SipServerConfig = Exclude<Config['sip']['server'], 'embedded' | readonly unknown[]>;

/** The drachtio-servers of a configuration; none where the server is embedded. */
export function sipServers({ server }: Pick<Config['sip'], 'server'>): readonly SipServerConfig[] {
  if (server === 'embedded') return [];
  return Array.isArray(server) ? server : [server];
}
