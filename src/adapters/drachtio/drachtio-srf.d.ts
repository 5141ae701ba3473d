/**
 * What this adapter uses of drachtio-srf 5.0.29, as the code behaves. The declarations the package ships compile and
 * are wrong (an error argument left out, promises typed void, half of the API missing), so these come first:
 * an ambient module declaration wins over the package's own.
 */
declare module 'drachtio-srf' {
  import type { Socket } from 'node:net';
  import type { ConnectionOptions } from 'node:tls';

  /** Names lower-case, except `X-*`, `P-*` (not `P-Asserted*`) and `Diversion`; repeated ones joined with commas. */
  export type ReceivedHeaders = Readonly<Record<string, string | undefined>>;
  export type SentHeaders = Record<string, string>;

  export interface SipMessage {
    readonly headers: ReceivedHeaders;
    /** The message as received. */
    readonly raw: string;
    readonly body: string | undefined;
  }

  export interface Request extends SipMessage {
    readonly method: string;
    readonly uri: string;
    /** `application`: the server sent it by itself (a BYE after an ACK timeout). */
    readonly source: 'network' | 'application';
    readonly source_address: string;
    readonly source_port: number;
    /** Empty on some frames of the real server. */
    readonly protocol: string;
    /** `address:port` it was received on, IPv6 without brackets; only on requests outside dialogs. */
    readonly receivedOn: string | undefined;
    /** Empty on requests that belong to no dialog the server knows. */
    readonly stackDialogId: string | undefined;
    /** The server's id of the transaction. */
    readonly stackTxnId: string;
    readonly socket: Socket | undefined;
    readonly agent: Agent;
    readonly res: Response;
    cancel(options: { headers?: SentHeaders }, callback: (error: Error | null) => void): void;
    /** Once, from the dispatch of the CANCEL's frame. */
    on(event: 'cancel', listener: (cancel: SipMessage) => void): this;
    /** An UPDATE while this request of ours, or this INVITE of theirs, is pending. */
    on(event: 'update', listener: (req: Request, res: Response) => void): this;
    on(
      event: 'response',
      listener: (res: Response, ack: (options?: { body?: string }) => void) => void,
    ): this;
  }

  /**
   * Internals, for what has no public way: forgetting an INVITE that gets no answer, answering one that another
   * process got, pings of which the answer matters.
   */
  export interface Agent {
    /** The connection: `msg` is every frame of the server. */
    readonly wp: {
      send(socket: Socket, text: string): string;
      on(event: 'msg', listener: () => void): void;
    };
    readonly mapServer: ReadonlyMap<
      Socket | undefined,
      { readonly pendingNetworkInvites: Map<string | undefined, unknown> }
    >;
  }

  /** How a message came, as the server tells it. */
  export interface Meta {
    readonly source: 'network' | 'application';
    readonly address: string;
    readonly port: string;
    readonly protocol: string;
    readonly time: string;
    readonly transactionId: string;
    readonly dialogId?: string;
  }

  /** A response that did not come from the server. */
  export interface MadeResponse extends Response {
    msg: SipMessage;
    req: Request;
    meta: Meta;
    socket: Socket | undefined;
  }

  export interface Response extends SipMessage {
    readonly status: number;
    readonly reason: string;
    /** Of a received response: what it answers. */
    readonly req: Request;
    /** Empty on a response the server made up itself (timer B, transport error). */
    readonly source_address: string;
    readonly source_port: number;
    readonly stackDialogId: string | undefined;
    /** Throws for a status that is not in the `sip-status` table. The error is the server's NOK text, or an Error. */
    send(
      status: number,
      reason: string,
      options: { headers?: SentHeaders; body?: string },
      callback?: ((error: string | Error | null, sent?: SipMessage) => void) | null,
      onPrack?: (prack: Request) => void,
    ): void;
  }

  export interface Dialog {
    readonly id: string;
    /** `uac`: we have sent the INVITE that made it. */
    readonly type: 'uac' | 'uas';
    readonly req: Request;
    /** The 2xx; of a `uas` dialog without the headers it was sent with. */
    readonly res: Response;
    readonly socket: Socket | undefined;
    readonly connected: boolean;
    readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
    /** What srf does with a request in this dialog. */
    handle: (req: Request, res: Response) => void;
    readonly local: { uri: string; sdp: string; contact: string };
    readonly remote: { uri: string; sdp: string };
    on(event: 'destroy', listener: (req: Request, reason?: string) => void): this;
    on(event: 'modify' | 'update', listener: (req: Request, res: Response) => void): this;
    on(event: 'ack', listener: (req: Request) => void): this;
    removeAllListeners(): this;
  }

  /** A 2xx with an offer, not ACKed yet (INVITE without SDP, `noAck`). */
  export interface Unacked {
    readonly sdp: string;
    readonly res: Response;
    /** Sends the ACK and registers the dialog before it returns; rejects when the 2xx has no usable Contact. */
    ack(localSdp: string): Promise<Dialog>;
  }

  export interface UacOptions {
    localSdp?: string;
    headers: SentHeaders;
    proxy?: string;
    noAck?: true;
  }

  /** CANCEL, of an INVITE of any application. */
  export interface CancelOptions {
    method: 'CANCEL';
    headers: SentHeaders;
    stackTxnId: string;
  }

  export interface RequestOptions {
    method: string;
    headers: SentHeaders;
    body?: string;
    stackDialogId: string;
    _socket?: Socket;
  }

  /** A request outside of dialogs; Call-ID, CSeq and the tag of From are the server's unless given. */
  export interface OutsideRequestOptions {
    method: string;
    headers: SentHeaders;
    /** Where it is sent, when not to the Request-URI. */
    proxy?: string;
  }

  export default class Srf {
    /** Applications with a tag in common are the same to the server. */
    constructor(tag?: string);
    readonly _app: { readonly client: Agent };
    /** Returns at once; see the events. */
    connect(options: {
      host: string;
      port: number;
      secret: string;
      tls?: ConnectionOptions;
      reconnect?: { maxAttempts?: number };
    }): unknown;
    /** Throws when there is no connection and none is given. */
    disconnect(socket?: Socket): void;
    /** The server hands us no new ones any more. Throws when they were never asked for. */
    unregisterForMessages(verb: string): void;
    on(event: 'connect', listener: (error: Error | null, hostports?: string, version?: string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'close', listener: () => void): this;
    /** A verb is also asked for at the server. */
    use(verb: string, handler: (req: Request, res: Response) => void): this;
    use(handler: (req: Request, res: Response) => void): this;
    /** With a callback it is called from the dispatch of the frame: nothing can come between (pitfall 3). */
    createUAS(
      req: Request,
      res: Response,
      options: { localSdp: string; headers: SentHeaders },
      callback: (error: unknown, dialog?: Dialog) => void,
    ): this;
    createUAC(
      uri: string,
      options: UacOptions,
      progress: {
        cbRequest: (error: Error | null, req?: Request) => void;
        cbProvisional: (res: Response) => void;
      },
      callback: (error: unknown, result?: Dialog | Unacked) => void,
    ): this;
    request(
      uri: string,
      options: RequestOptions | OutsideRequestOptions | CancelOptions,
      callback: (error: Error | null, req?: Request) => void,
    ): void;
    findDialogById(id: string | undefined): Dialog | undefined;
    /** From now on requests of that dialog id reach it. */
    addDialog(dialog: Dialog): void;
    removeDialog(dialog: Dialog): void;
    /** Throws when it is no SIP message. */
    static SipMessage: new (text: string) => SipMessage;
    static SipRequest: new (message: SipMessage, meta: Meta) => Request;
    static SipResponse: new (agent?: Agent) => MadeResponse;
    /** Throws when a message lacks what makes a dialog: tags, Call-ID, Contact. `sent`: our 2xx of a `uas` dialog. */
    static Dialog: new (
      srf: Srf,
      type: Dialog['type'],
      messages: { req: Request; res: Response; sent?: SipMessage },
    ) => Dialog;
    static SipError: new (...args: never[]) => Error & {
      readonly status: number;
      readonly reason?: string;
      readonly res?: Response;
    };
  }
}
