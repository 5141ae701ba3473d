/** What we use of `ws`, which carries no types of its own and comes with @fastify/websocket. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';

  export class WebSocket extends EventEmitter {
    static readonly OPEN: 1;
    readonly readyState: 0 | 1 | 2 | 3;
    /** Bytes given to `send` that have not left. */
    readonly bufferedAmount: number;
    send(data: string): void;
    ping(): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
    override on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
    override on(event: 'pong' | 'close', listener: () => void): this;
  }

  export class Server {
    readonly clients: ReadonlySet<WebSocket>;
  }

  export interface ServerOptions {
    readonly maxPayload?: number;
  }
}
