import { header, tagOf, uriOf, type SipMessage } from './message.js';

/** A call of drachtio-fsmrf, as its INVITE describes it. */
export interface CallRequest {
  /** Where the application that will run the call listens. */
  readonly application: { readonly host: string; readonly port: number };
  readonly offered: boolean;
  /** Channel variables the call begins with. */
  readonly variables: ReadonlyMap<string, string>;
}

/** What the dialplan of the drachtio image sets before it hands a call over. */
const DIALPLAN = {
  send_silence_when_idle: '-1',
  hangup_after_bridge: 'false',
  park_after_bridge: 'true',
  playback_terminators: 'none',
};

/** Null when no dialplan entry matches: this server takes calls of drachtio-fsmrf only. */
export function readCall(invite: SipMessage): CallRequest | null {
  const agent = header(invite, 'user-agent');
  const address = /^\[?([0-9a-zA-Z.:_-]+?)\]?:(\d{1,5})$/.exec(header(invite, 'x-esl-outbound'));
  if (!/^drachtio-fsmrf:.+$/.test(agent) || address === null) return null;
  const variables = new Map(Object.entries(DIALPLAN));
  variables.set('direction', 'inbound');
  variables.set('sip_user_agent', agent);
  variables.set('sip_call_id', header(invite, 'call-id'));
  variables.set('sip_from_uri', uriOf(header(invite, 'from')).replace(/^sips?:/, ''));
  variables.set('sip_from_tag', tagOf(header(invite, 'from')));
  variables.set('sip_req_uri', invite.uri.replace(/^sips?:/, ''));
  variables.set('sip_contact_uri', uriOf(header(invite, 'contact')).replace(/^sips?:/, ''));
  for (const [name, values] of invite.headers)
    if (name.startsWith('x-')) variables.set(`sip_h_${capitalized(name)}`, values[0] ?? '');
  return {
    application: { host: address[1] ?? '', port: Number(address[2]) },
    offered: invite.body !== '',
    variables,
  };
}

/** Names are read without case; applications look for them as they are usually written. */
const capitalized = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (letters) => letters.toUpperCase());
