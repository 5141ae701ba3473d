// What any phone owes an established call: right answers to later offers, and an end that is noticed once.

/**
 * @param {any} dialog a Dialog of drachtio-srf
 * @param {import('./media.mjs').Media} media
 * @param {(by: 'us' | 'them') => void} onEnd called once
 * @returns {() => void} hangs up
 */
export function followDialog(dialog, media, onEnd) {
  let over = false;
  /** @param {'us' | 'them'} by */
  const end = (by) => {
    if (over) return;
    over = true;
    media.close();
    onEnd(by);
  };
  // One listener for every re-INVITE: moved media, hold (`a=sendonly` or `a=inactive`) and un-hold are all just offers.
  dialog.on('modify', (/** @type {any} */ req, /** @type {any} */ res) => reply(dialog, media, req, res));
  // A re-INVITE without an offer got ours in the 200; its ACK brings the answer (RFC 3261 14.1).
  dialog.on('ack', (/** @type {any} */ ack) => {
    if (ack.body) media.accept(ack.body);
  });
  dialog.on('destroy', () => end('them'));
  // A BYE that came on the heels of the 200 was there before the listener.
  if (!dialog.connected) end('them');
  return () => {
    if (over) return;
    end('us');
    // Both sides may hang up at the same moment; then there is nothing left to destroy.
    dialog.destroy().catch(() => {});
  };
}

/** @param {any} dialog @param {import('./media.mjs').Media} media @param {any} req @param {any} res */
function reply(dialog, media, req, res) {
  const body = req.body ? media.answer(req.body) : media.offer();
  if (body === undefined) return res.send(488);
  dialog.local.sdp = body;
  res.send(200, { body, headers: { Contact: dialog.local.contact, 'Content-Type': 'application/sdp' } });
}
