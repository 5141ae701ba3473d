import { createHash, randomBytes } from 'node:crypto';
import { encode, SipPhone, type HeaderLines, type SipMessage } from './sip-phone/index.js';

export interface RegistrarOptions {
  readonly proto?: 'udp' | 'tcp';
  readonly realm?: string;
  /** Without users everybody is let in unasked. */
  readonly users?: Readonly<Record<string, string>>;
  /** Status of challenges: a registrar's, or that of a proxy in front of it. */
  readonly challenge?: 401 | 407;
  /** Challenges offered, in this order. */
  readonly algorithms?: readonly ('MD5' | 'SHA-256' | 'SHA-512-256')[];
  readonly qop?: 'auth' | 'auth,auth-int' | null;
  /** Uses of one nonce before it is stale. */
  readonly nonceUses?: number;
  readonly grantSeconds?: number;
  readonly minExpires?: number;
  /** Where the granted seconds are told. */
  readonly tells?: 'contact' | 'header' | 'not';
}

type Refusal = { readonly status: number; readonly headers?: HeaderLines };

/**
 * A registrar on the wire (RFC 3261 10.3) that also answers OPTIONS, with a digest check of its own (RFC 7616):
 * nothing of the code under test is used to judge it.
 */
export class Registrar {
  /** By Contact URI: when the binding runs out, ms of `performance.now()`. */
  readonly bindings = new Map<string, number>();
  readonly registers: SipMessage[] = [];
  readonly pings: SipMessage[] = [];
  /** REGISTERs whose credentials were wrong, in words. */
  readonly wrong: string[] = [];
  /** Says nothing to anything. */
  silent = false;
  /** What every REGISTER is answered with. */
  refusal: Refusal | null = null;
  /** What OPTIONS is answered with. */
  pingStatus = 200;
  readonly #nonces = new Map<string, { uses: number; lastCount: number }>();

  private constructor(
    readonly phone: SipPhone,
    private readonly options: RegistrarOptions,
  ) {
    phone.script((message) => this.take(message));
  }

  static async open(options: RegistrarOptions = {}): Promise<Registrar> {
    const phone = await SipPhone.open({ user: 'registrar', proto: options.proto ?? 'udp' });
    return new Registrar(phone, options);
  }

  get proxy(): string {
    const { host, port, proto } = this.phone.address;
    return `sip:${host}:${port}${proto === 'tcp' ? ';transport=tcp' : ''}`;
  }

  close(): Promise<void> {
    return this.phone.close();
  }

  /** Every nonce handed out so far is used up. */
  expireNonces(): void {
    for (const nonce of this.#nonces.values()) nonce.uses = Infinity;
  }

  private take(message: SipMessage): boolean {
    const { method, branch } = message;
    if (method !== 'REGISTER' && method !== 'OPTIONS') return false;
    const seen = method === 'REGISTER' ? this.registers : this.pings;
    // Retransmissions of what is answered with silence are the same request.
    const again = seen.some((earlier) => earlier.branch === branch);
    if (!again) seen.push(message);
    if (this.silent || again) return true;
    if (method === 'OPTIONS') this.answer(message, this.pingStatus);
    else this.register(message);
    return true;
  }

  private register(message: SipMessage): void {
    if (this.refusal !== null) return this.answer(message, this.refusal.status, this.refusal.headers);
    const problem = this.options.users === undefined ? null : this.credentialProblem(message);
    if (problem !== null) return this.challenge(message, problem);
    const asked = Number(message.need('expires'));
    const { minExpires = 0, grantSeconds = asked } = this.options;
    if (asked > 0 && asked < minExpires)
      return this.answer(message, 423, [['Min-Expires', String(minExpires)]]);
    const granted = Math.min(asked, grantSeconds);
    const { contactUri } = message;
    if (granted === 0) this.bindings.delete(contactUri);
    else this.bindings.set(contactUri, performance.now() + granted * 1000);
    this.answer(message, 200, this.grant(granted));
  }

  private grant(granted: number): HeaderLines {
    const { tells = 'contact' } = this.options;
    const expires = tells === 'contact' ? `;expires=${granted}` : '';
    // A stranger's binding first: the list is of the address of record, not of one phone.
    const stranger: [string, string] = ['Contact', '"O, ther" <sip:other@192.0.2.7:5060>;expires=3500'];
    const ours = [...this.bindings.keys()].map((uri): [string, string] => ['m', `<${uri}>${expires}`]);
    return [stranger, ...ours, ...(tells === 'header' ? [['Expires', String(granted)] as const] : [])];
  }

  private challenge(message: SipMessage, problem: string): void {
    if (problem !== 'none' && problem !== 'stale') this.wrong.push(problem);
    const { challenge = 401, realm = 'test, "realm"', algorithms = ['MD5'], qop = 'auth' } = this.options;
    const nonce = randomBytes(6).toString('hex');
    this.#nonces.set(nonce, { uses: 0, lastCount: 0 });
    const name = challenge === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    const quoted = realm.replaceAll('"', '\\"');
    const headers = algorithms.map((algorithm): [string, string] => [
      name,
      `Digest realm="${quoted}", nonce="${nonce}", algorithm=${algorithm}, opaque="o=p,q"` +
        (qop === null ? '' : `, qop="${qop}"`) +
        (problem === 'stale' ? ', stale=TRUE' : ''),
    ]);
    this.answer(message, challenge, headers);
  }

  /** `none`: without credentials; `stale`: right but for the nonce; otherwise what is wrong; `null`: all is right. */
  private credentialProblem(message: SipMessage): string | null {
    const header = message.get(
      (this.options.challenge ?? 401) === 401 ? 'authorization' : 'proxy-authorization',
    );
    if (header === undefined) return 'none';
    const get = (name: string): string =>
      new RegExp(`[ ,]${name}="?((?:\\\\.|[^",])*)`).exec(header)?.[1] ?? '';
    // Quoted values may hold commas.
    const text = (name: string): string =>
      new RegExp(`[ ,]${name}="((?:\\\\.|[^"])*)"`).exec(header)?.[1] ?? '';
    const password = this.options.users?.[text('username')];
    if (password === undefined) return `unknown user ${text('username')}`;
    const nonce = this.#nonces.get(text('nonce'));
    if (nonce === undefined) return 'a nonce of nobody';
    if (text('opaque') !== 'o=p,q') return 'opaque was changed';
    if (text('uri') !== message.uri) return `uri ${text('uri')} is not ${message.uri}`;
    const hash = (data: string): string =>
      createHash(get('algorithm') === 'SHA-256' ? 'sha256' : 'md5')
        .update(data)
        .digest('hex');
    const ha1 = hash(`${text('username')}:${text('realm')}:${password}`);
    const ha2 = hash(`REGISTER:${message.uri}`);
    const count = get('nc');
    const middle = get('qop') === '' ? '' : `${count}:${text('cnonce')}:${get('qop')}:`;
    if (text('response') !== hash(`${ha1}:${text('nonce')}:${middle}${ha2}`)) return 'wrong response';
    if (get('qop') === '' && this.options.qop !== null) return 'qop was left out';
    return this.nonceProblem(nonce, count);
  }

  private nonceProblem(nonce: { uses: number; lastCount: number }, count: string): string | null {
    nonce.uses += 1;
    if (nonce.uses > (this.options.nonceUses ?? Infinity)) return 'stale';
    if (count === '') return null;
    const number = parseInt(count, 16);
    if (count.length !== 8 || number !== nonce.lastCount + 1) return `nonce count ${count}`;
    nonce.lastCount = number;
    return null;
  }

  private answer(message: SipMessage, status: number, headers: HeaderLines = []): void {
    const lines = message.headers();
    const copied = ['via', 'from', 'call-id', 'cseq'].flatMap((name) =>
      lines.filter(([key]) => key === name).map(([, value]): [string, string] => [name, value]),
    );
    const to: [string, string] = ['To', `${message.need('to')};tag=registrar`];
    const reason = REASONS[status] ?? 'No';
    const bytes = encode(`SIP/2.0 ${status} ${reason}`, [...copied, to, ...headers]);
    this.phone.send(bytes, message.source, message.connection);
  }
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  423: 'Interval Too Brief',
  503: 'Service Unavailable',
};
