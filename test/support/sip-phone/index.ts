export {
  PhoneCall,
  targetAddress,
  token,
  type CallOptions,
  type RequestOptions,
  type ResponseOptions,
} from './call.js';
export { predicate, type Matcher } from './mailbox.js';
export {
  addressOf,
  bracketed,
  encode,
  SipMessage,
  tagOf,
  type Address,
  type HeaderLines,
} from './message.js';
export { SipPhone, type PhoneOptions, type Script } from './phone.js';
export { autoAnswer, respondTo } from './scripts.js';
export { sdp, type SdpOptions } from './sdp.js';
export { StreamCutter } from './transport.js';
