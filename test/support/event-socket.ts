import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { MediaAddress } from './media-backend.js';

/** A media server's event socket in the hands of a test: global commands, and their answers. */
export class EventSocket {
  private text = '';

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
  }

  static async open({ address, port, secret }: MediaAddress): Promise<EventSocket> {
    const socket = connect(port, address);
    await once(socket, 'connect');
    const client = new EventSocket(socket);
    await client.frame();
    socket.write(`auth ${secret}\n\n`);
    await client.frame();
    return client;
  }

  async api(command: string): Promise<string> {
    this.socket.write(`api ${command}\n\n`);
    return this.frame();
  }

  close(): void {
    this.socket.destroy();
  }

  /** The body of the next frame. */
  private async frame(): Promise<string> {
    for (;;) {
      const head = this.text.indexOf('\n\n') + 2;
      const length = Number(/^Content-Length: (\d+)$/m.exec(this.text.slice(0, head))?.[1] ?? 0);
      // Lengths are in bytes; what tests ask about is ASCII.
      if (head > 1 && this.text.length >= head + length) {
        const body = this.text.slice(head, head + length);
        this.text = this.text.slice(head + length);
        return body;
      }
      await once(this.socket, 'data');
    }
  }
}
