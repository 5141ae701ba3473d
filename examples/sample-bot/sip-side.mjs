// The SIP side: answers calls, keeps their media right, tells the flow when they begin and end.
import { followDialog } from './follow-dialog.mjs';
import { Media } from './media.mjs';

/**
 * @param {any} srf
 * @param {string} host address our media is sent from
 * @param {import('./flow.mjs').Flow} flow
 * @param {(kind: string, fields: object) => void} report
 */
export function answerCalls(srf, host, flow, report) {
  srf.invite((/** @type {any} */ req, /** @type {any} */ res) => {
    // A CANCEL may come while we are still getting ready; this has to listen before anything is awaited.
    let cancelled = false;
    req.on('cancel', () => (cancelled = true));
    answer(srf, req, res, host, flow, report, () => cancelled).catch((error) => {
      report('problem', { message: `a call could not be answered: ${error.message}` });
    });
  });
}

/**
 * @param {any} srf @param {any} req @param {any} res @param {string} host
 * @param {import('./flow.mjs').Flow} flow
 * @param {(kind: string, fields: object) => void} report
 * @param {() => boolean} cancelled
 */
async function answer(srf, req, res, host, flow, report, cancelled) {
  // The engine names the call; without this header the call did not come through it.
  const callId = req.get('X-Switchhook-Call');
  if (!callId) return res.send(403);
  const media = await Media.open(host);
  const localSdp = req.body ? media.answer(req.body) : media.offer();
  if (localSdp === undefined || cancelled()) {
    media.close();
    if (!cancelled()) res.send(488);
    return;
  }
  // Not its promise: a re-INVITE right behind the ACK would come before that is settled.
  srf.createUAS(req, res, { localSdp }, (/** @type {Error | null} */ error, /** @type {any} */ dialog) => {
    if (error) {
      media.close();
      return report('problem', { message: `a call could not be answered: ${error.message}` });
    }
    media.onHearing = (from) => report('hearing', { callId, from });
    const hangUp = followDialog(dialog, media, (by) => {
      report('hungup', { callId, by });
      flow.ended(callId);
    });
    if (!dialog.connected) return;
    report('answered', { callId, rtp: media.address });
    flow.started({ callId, play: (hz) => media.play(hz), hangUp });
  });
}
