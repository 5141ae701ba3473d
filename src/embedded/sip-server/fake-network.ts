import type { AppConnection } from './app-connection.js';
import type { AppServer } from './app-server.js';
import { Core } from './core.js';
import { Egress } from './egress.js';
import { Flow, type Endpoint, type Face, type SendOwner } from './endpoint.js';
import { Endpoints } from './endpoints.js';
import { Ingress } from './ingress.js';
import { DEFAULT_LIMITS, DEFAULT_TIMERS, type SipServerOptions } from './options.js';
import { Scanner } from './scanner.js';
import type { SipMessage } from './sip-message.js';
import { TimerWheel } from './timer-wheel.js';

/** A transport that records instead of sending: the server without sockets and without time, for unit tests. */
export class FakeEndpoint implements Endpoint {
  readonly host = '10.0.0.1';
  readonly port = 5060;
  readonly ipv6 = false;
  readonly loopback = false;
  readonly sent: { text: string; host: string; port: number }[] = [];
  failing = false;
  private readonly face_: Face;

  constructor(readonly proto: 'udp' | 'tcp') {
    const via = `Via: SIP/2.0/${proto.toUpperCase()} 10.0.0.1:5060;rport;branch=`;
    this.face_ = {
      host: this.host,
      port: 5060,
      hostPort: '10.0.0.1:5060',
      via,
      contact: '<sip:10.0.0.1:5060>',
    };
  }

  face(): Face {
    return this.face_;
  }

  send(flow: Flow, text: string, owner: SendOwner | null): void {
    if (this.failing) owner?.transportFailed();
    else this.sent.push({ text, host: flow.host, port: flow.port });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Start lines sent since the last look. */
  take(): string[] {
    return this.sent.splice(0).map((m) => m.text.slice(0, m.text.indexOf('\r\n')));
  }
}

/** An application that records the frames it gets. */
export class FakeApp {
  readonly frames: string[] = [];
  closed = false;
  authenticated = true;
  readonly routes = new Set(['invite', 'options', 'info', 'subscribe']);
  readonly tags = new Set<string>();

  respond(requestId: string, rest: string): void {
    this.frames.push(`response|${requestId}|${rest}`);
  }

  sip(rest: string): void {
    this.frames.push(`sip|${rest}`);
  }

  trust(): void {
    this.authenticated = true;
  }

  close(): void {
    this.closed = true;
  }

  take(): string[] {
    return this.frames.splice(0);
  }
}

/** A whole server on fake transports, with a clock that only moves when told to. */
export class FakeServer {
  time = 1_000_000;
  readonly udp = new FakeEndpoint('udp');
  readonly tcp = new FakeEndpoint('tcp');
  readonly app = new FakeApp();
  readonly wheel = new TimerWheel(() => this.time, false);
  readonly core: Core;
  private readonly ingress: Ingress;
  private readonly egress: Egress;
  private readonly scanner = new Scanner(DEFAULT_LIMITS);

  constructor(options: Partial<SipServerOptions> = {}) {
    const whole = { listen: [], admin: { host: '', port: 0 }, secret: 's', ...options };
    const link = this.connection;
    const apps = {
      pick: (verb: string) => (this.app.routes.has(verb) && !this.app.closed ? link : undefined),
    };
    this.core = new Core(
      this.wheel,
      { ...DEFAULT_TIMERS, ...options.timers },
      DEFAULT_LIMITS,
      new Endpoints([this.udp, this.tcp]),
      // The core only asks who takes a verb and who is connected: the rest of an AppServer is a listening socket.
      apps as unknown as AppServer,
      whole,
    );
    this.core.reachability.enabled = false;
    this.ingress = new Ingress(this.core, this.scanner);
    this.egress = new Egress(this.core, 'udp/10.0.0.1:5060');
  }

  private get connection(): AppConnection {
    // Frames are recorded instead of written: an AppConnection without its socket.
    return this.app as unknown as AppConnection;
  }

  /** A message of the network, by default from 10.0.0.9:5060. */
  receive(
    text: string,
    endpoint: FakeEndpoint = this.udp,
    host = '10.0.0.9',
    port = 5060,
  ): SipMessage | null {
    const message = this.scanner.scan(text, 0, text.length);
    if (message !== null) this.ingress.onMessage(message, new Flow(endpoint, host, port));
    return message;
  }

  /** A frame of the application. */
  frame(payload: string): string[] {
    this.egress.onFrame(this.connection, payload, 0, payload.length);
    return this.app.frames;
  }

  loseApp(): void {
    this.app.closed = true;
    this.egress.onAppClosed(this.connection);
  }

  /** Lets time pass in steps of the wheel. */
  pass(ms: number): void {
    const until = this.time + ms;
    while (this.time < until) {
      this.time = Math.min(until, this.time + 10);
      this.wheel.advance();
    }
  }

  get idle(): boolean {
    const { clients, servers, dialogs, uas } = this.core;
    return clients.size + servers.size + dialogs.size + uas.size + this.wheel.count === 0;
  }
}
