import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { ListenAddress } from '../sip/listen-address.js';

/** Why an address cannot be listened on, as the system names it (EADDRINUSE ...); `undefined` = it can. */
export function whyNotFree({ transport, host, port }: ListenAddress): Promise<string | undefined> {
  const address = bare(host);
  return new Promise((resolve) => {
    if (transport === 'udp') {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
      socket.once('error', (error) => {
        socket.close();
        resolve(codeOf(error));
      });
      socket.bind(port, address, () => socket.close(() => resolve(undefined)));
      return;
    }
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen(port, address, () => server.close(() => resolve(undefined)));
  });
}

const bare = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message;
