import type { AppConnection } from './app-connection.js';
import { dialogIdOf, type Core } from './core.js';
import { Dialog, natTarget, routeSetOf } from './dialog.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { uriOf, withTag } from './name-addr.js';
import type { SipMessage } from './sip-message.js';

/** The dialog a request of the network makes once we answer it with a tag (RFC 3261 12.1.1). */
export function newUasDialog(
  core: Core,
  request: SipMessage,
  source: Flow,
  toTag: string,
  app: AppConnection,
  kind: 'INVITE' | 'SUBSCRIBE',
): Dialog {
  const id = dialogIdOf(request.callId, request.fromTag);
  const dialog = new Dialog(id, 'uas', kind, request.callId, toTag, app, source);
  dialog.remoteTag = request.fromTag;
  dialog.remote = request.value(H.From);
  dialog.local = withTag(request.value(H.To), toTag);
  // Like the real server: our first request is one above the caller's number.
  dialog.localSeq = request.cseq;
  dialog.routeSet = routeSetOf(request, 'uas');
  dialog.retarget(
    request.value(H.Contact),
    natTarget(request, source, 'uas', core.options.natTargetRule ?? true),
  );
  if (dialog.target === '') dialog.target = uriOf(dialog.remote);
  return dialog;
}
