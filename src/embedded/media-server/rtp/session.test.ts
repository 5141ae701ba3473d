import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { PCMU } from '../audio/g711.js';
import { RtpSession } from './session.js';

const sockets: Socket[] = [];

async function open(): Promise<Socket> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

afterEach(() => sockets.splice(0).map((socket) => socket.close()));

/** A packet of silence, as the n-th of its stream. */
const packet = (n: number): Buffer =>
  Buffer.concat([Buffer.from([0x80, 0, 0, n, 0, 0, 0, n, 0, 0, 0, 1]), Buffer.alloc(160, 0xff)]);

it('whoever is where its SDP says is followed, though somebody else was heard first', async () => {
  const [server, announced, stranger] = await Promise.all([open(), open(), open()]);
  const session = new RtpSession(server);
  const { port } = announced.address();
  session.apply({
    codec: PCMU,
    payloadType: 0,
    eventType: null,
    remote: { host: '127.0.0.1', port },
    send: true,
    receive: true,
  });
  const from = async (socket: Socket, n: number): Promise<number | undefined> => {
    const arrived = once(server, 'message');
    socket.send(packet(n), server.address().port, '127.0.0.1');
    await arrived;
    return session.remote?.port;
  };
  expect(await from(stranger, 1)).toBe(stranger.address().port);
  expect(await from(announced, 2)).toBe(port);
  // And it is not lost to the stranger again.
  expect(await from(stranger, 3)).toBe(port);
});
