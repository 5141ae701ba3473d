import type { Dialog, Request, Response } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import { sentHeaders } from './header-lines.js';
import { requestInDialog } from './in-dialog-request.js';
import { Offers, type OfferContext } from './offers.js';
import { answerSideRequest } from './side-requests.js';
import { hungUp, peerOf } from './wire.js';

const SIDE_EVENTS = ['info', 'refer', 'options', 'message', 'publish', 'notify'] as const;

/**
 * A confirmed dialog, the same for both roles. Must be made in the tick in which srf shows the dialog, for a request
 * of the far end may already wait in the same chunk of the link (pitfall 3).
 */
export class DialogSession {
  readonly offers: Offers;
  #life: 'up' | 'closing' = 'up';

  constructor(private readonly on: OfferContext) {
    this.offers = new Offers(on);
    this.listen(on.dialog);
  }

  get id(): string {
    return this.on.dialog.id;
  }

  bye(headers: readonly HeaderLine[]): void {
    if (this.#life !== 'up') return;
    this.#life = 'closing';
    this.on.voice.after(this.on.deadlines.bye, () => this.closed());
    // RFC 3261 15: no BYE from the called side before the ACK.
    this.offers.whenAcked(() => this.sendBye(headers));
  }

  private sendBye(headers: readonly HeaderLine[]): void {
    const { voice, srf, dialog, peer } = this.on;
    voice.tap('out', 'BYE', false, peer);
    requestInDialog(srf, dialog, { method: 'BYE', headers: sentHeaders(headers) }, (_error, req) =>
      voice.safely(() => {
        // An error is a dialog that is gone already (ENODIALOG, pitfall 13): just as closed.
        if (req === undefined) this.closed();
        else req.on('response', (res) => voice.safely(() => this.byeAnswered(res)));
      }),
    );
  }

  private byeAnswered(res: Response): void {
    if (res.status < 200) return;
    this.on.voice.tap('in', `${res.status} ${res.reason} (BYE)`, false, peerOf(res));
    this.closed();
  }

  private closed(): void {
    this.forget();
    this.on.voice.tell({ type: 'closed' });
  }

  /** BYE from the far end, or from the server itself (ACK timeout, session timer); srf has answered it. */
  private destroyed(req: Request): void {
    const fromNetwork = req.source === 'network';
    this.on.voice.tap(fromNetwork ? 'in' : 'out', 'BYE', false, peerOf(req));
    if (fromNetwork) this.on.voice.tap('out', '200 OK (BYE)', false, peerOf(req));
    // Crossing BYEs: ours was first, as far as the engine knows.
    if (this.#life === 'closing') this.closed();
    else this.on.voice.tell(hungUp(req));
  }

  /** The far end's re-INVITE or UPDATE; behind an ACK of the same chunk, which srf shows one turn later. */
  private offered(req: Request, res: Response): void {
    setImmediate(() =>
      this.on.voice.safely(() =>
        this.offers.received(req, res, this.#life === 'closing' || this.on.voice.ended),
      ),
    );
  }

  private listen(dialog: Dialog): void {
    const { voice } = this.on;
    dialog.on('destroy', (req) => voice.safely(() => this.destroyed(req)));
    // Without a listener srf answers with the old SDP; with `hold`, `unhold` or `refresh` it answers as well.
    dialog.on('modify', (req, res) => voice.safely(() => this.offered(req, res)));
    dialog.on('update', (req, res) =>
      voice.safely(() => this.offers.received(req, res, this.#life === 'closing')),
    );
    dialog.on('ack', (req) => voice.safely(() => this.offers.acked(req)));
    for (const event of SIDE_EVENTS) {
      dialog.on(event, (req, res) => voice.safely(() => answerSideRequest(req, res, voice)));
    }
  }

  /** For a dialog the far end never lets go of properly. */
  forget(): void {
    this.on.dialog.removeAllListeners();
    this.on.srf.removeDialog(this.on.dialog);
  }
}
