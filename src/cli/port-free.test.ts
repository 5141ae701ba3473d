import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { whyNotFree } from './port-free.js';

describe('ports', () => {
  it('a TCP port in use is not free', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await whyNotFree({ transport: 'tcp', host: '127.0.0.1', port })).toBe('EADDRINUSE');
    await new Promise((resolve) => server.close(resolve));
    expect(await whyNotFree({ transport: 'tcp', host: '127.0.0.1', port })).toBeUndefined();
  });

  it('a UDP port in use is not free', async () => {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    expect(await whyNotFree({ transport: 'udp', host: '127.0.0.1', port })).toBe('EADDRINUSE');
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    expect(await whyNotFree({ transport: 'udp', host: '127.0.0.1', port })).toBeUndefined();
  });
});
