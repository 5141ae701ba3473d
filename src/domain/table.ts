import type { Phase } from './call.js';
import { connecting } from './phases/connecting.js';
import { moving, returning, withTarget } from './phases/bridging.js';
import { dialling, retryWait } from './phases/dialling.js';
import { handingBack } from './phases/handing-back.js';
import type { Row } from './phases/handler.js';
import { departing, referring } from './phases/referring.js';
import { introducing } from './phases/introducing.js';
import { speaking } from './phases/speaking.js';
import { withBot } from './phases/with-bot.js';

/**
 * The call, by phase. Every arrow is a fact; a fact missing from a row is ignored on purpose. `(end)` stands for
 * `ending`: all legs are released, and when the last has had its say the call is `ended`. A test reads this drawing
 * and walks the table against it, and the simulation takes every arrow of it and no other.
 *
 *  +------------+ botAnswered   +---------+ commanded  +----------+ targetAnswered +--------+ mediaSettled +------------+
 *  | connecting |-------------->| withBot |----------->| dialling |--------------->| moving |------------->| withTarget |
 *  +------------+               +---------+            +----------+                +--------+              +------------+
 *
 * The other ways out of `withBot`: REFER, whose verdict comes by NOTIFY, and BYE, whose answer is the verdict.
 *
 *                               +-----------+ referProgress (2xx) +-----------+ callerGone, departTimeout
 *              withBot -------->| referring |-------------------->| departing |---------------------------> (end)
 *                               +-----------+                     +-----------+
 *                               +-------------+ callerReleased
 *              withBot -------->| handingBack |---------------------------------------------------------> (end)
 *                               +-------------+
 *
 * The way back: an agent leaves, or an attempt has failed, and the caller is shown its bot, or its agent, again.
 *
 *           withTarget, failed ->+-----------+ mediaSettled
 *                                | returning |--------------> withBot, withTarget
 *                                +-----------+
 *
 * Messages of ours around it, in an anchored call: an announcement before the first attempt, an apology after the last;
 * and an introduction once the target has accepted (a warm transfer).
 *
 *              withBot, failed ->+----------+ played, speakTimeout
 *                                | speaking |----------------------> dialling, referring, (over)
 *                                +----------+
 *                     dialling ->+-------------+ digit, warmTimeout, botGone
 *                                | introducing |-----------------------------> moving
 *                                +-------------+
 *
 * After an attempt that failed: another way, target or try of the plan, or home again.
 *
 *  (failed) = dialling | retryWait | referring | handingBack | speaking | withBot | withTarget | returning | (end)
 *
 * When an agent may not pass its caller on once more (security list S-1):
 *
 *  (kept) = withTarget | returning
 *
 * When nobody is left to hear: the bot where the caller has one (at once, where it speaks by replies), else the end.
 *
 *  (over) = withBot | returning | (end)
 *
 *  connecting  botProgress      -> connecting
 *  connecting  botAnswered      -> withBot
 *  connecting  botRefused       -> (end)
 *  connecting  botGone          -> (end)
 *  connecting  setupTimeout     -> (end)
 *  connecting  callerGone       -> (end)
 *  connecting  hangupRequested  -> (end)
 *  connecting  signallingLost   -> (end)
 *  connecting  mediaLost        -> (end)
 *  withBot     commanded        -> withBot | dialling | speaking | referring | handingBack | returning
 *  withBot     referred         -> withBot | dialling | speaking | referring | handingBack | returning
 *  withBot     brought          -> dialling | introducing | moving
 *  withBot     botGone          -> (end)
 *  withBot     callerGone       -> (end)
 *  withBot     legTaken         -> (end)
 *  withBot     mediaRefused     -> (end)
 *  withBot     ackTimeout       -> (end)
 *  withBot     hangupRequested  -> (end)
 *  withBot     signallingLost   -> (end)
 *  withBot     played           -> withBot
 *  withBot     mediaLost        -> (end)
 *  dialling    botGone          -> dialling | (end)
 *  dialling    homeGone         -> dialling | (end)
 *  dialling    callerGone       -> dialling | (end)
 *  dialling    hangupRequested  -> (end)
 *  dialling    signallingLost   -> (end)
 *  dialling    legTaken         -> (end)
 *  dialling    ackTimeout       -> dialling | (over)
 *  dialling    aloneTimeout     -> (over)
 *  dialling    targetProgress   -> dialling
 *  dialling    targetAnswered   -> dialling | introducing | moving
 *  dialling    targetRefused    -> (failed)
 *  dialling    targetUnusable   -> (failed)
 *  dialling    targetGone       -> (failed)
 *  dialling    ringTimeout      -> (failed)
 *  dialling    mediaRefused     -> dialling
 *  dialling    cancelRequested  -> withBot | withTarget | returning | (end)
 *  dialling    played           -> dialling | introducing | moving
 *  dialling    digit            -> introducing | moving | (failed)
 *  dialling    briefTimeout     -> introducing | moving | (failed)
 *  dialling    mediaLost        -> dialling | (end)
 *  retryWait   botGone          -> retryWait | (end)
 *  retryWait   homeGone         -> retryWait | (end)
 *  retryWait   callerGone       -> retryWait | (end)
 *  retryWait   hangupRequested  -> (end)
 *  retryWait   signallingLost   -> (end)
 *  retryWait   legTaken         -> (end)
 *  retryWait   ackTimeout       -> retryWait | (over)
 *  retryWait   aloneTimeout     -> (over)
 *  retryWait   retryDue         -> dialling | referring
 *  retryWait   mediaRefused     -> retryWait
 *  retryWait   cancelRequested  -> withBot | withTarget | returning | (end)
 *  retryWait   mediaLost        -> retryWait | (end)
 *  speaking    played           -> (failed)
 *  speaking    speakTimeout     -> (failed)
 *  speaking    botGone          -> speaking
 *  speaking    homeGone         -> speaking
 *  speaking    callerGone       -> (end)
 *  speaking    hangupRequested  -> (end)
 *  speaking    signallingLost   -> (end)
 *  speaking    legTaken         -> (end)
 *  speaking    ackTimeout       -> (end)
 *  speaking    mediaLost        -> (end)
 *  speaking    aloneTimeout     -> (over)
 *  speaking    cancelRequested  -> speaking | withBot | (kept) | (end)
 *  introducing played           -> introducing | moving
 *  introducing digit            -> introducing | moving
 *  introducing warmTimeout      -> moving
 *  introducing mediaRefused     -> moving
 *  introducing botGone          -> introducing | moving
 *  introducing homeGone         -> introducing
 *  introducing callerGone       -> (end)
 *  introducing hangupRequested  -> (end)
 *  introducing signallingLost   -> (end)
 *  introducing legTaken         -> (end)
 *  introducing ackTimeout       -> (end)
 *  introducing mediaLost        -> (end)
 *  introducing aloneTimeout     -> (over)
 *  introducing targetGone       -> (failed)
 *  referring   botGone          -> referring
 *  referring   homeGone         -> referring
 *  referring   callerGone       -> (end)
 *  referring   hangupRequested  -> (end)
 *  referring   signallingLost   -> (end)
 *  referring   legTaken         -> (end)
 *  referring   ackTimeout       -> referring | (over)
 *  referring   aloneTimeout     -> (over)
 *  referring   referAccepted    -> referring
 *  referring   referRefused     -> (failed)
 *  referring   referProgress    -> referring | departing | (failed)
 *  referring   referTimeout     -> (failed)
 *  referring   ringTimeout      -> (failed)
 *  referring   mediaRefused     -> referring
 *  referring   mediaLost        -> (end)
 *  handingBack callerReleased   -> (end)
 *  handingBack signallingLost   -> (end)
 *  moving      botGone          -> moving | (end)
 *  moving      homeGone         -> moving | (end)
 *  moving      callerGone       -> (failed)
 *  moving      hangupRequested  -> (end)
 *  moving      signallingLost   -> (end)
 *  moving      legTaken         -> (end)
 *  moving      ackTimeout       -> (failed)
 *  moving      aloneTimeout     -> (over)
 *  moving      mediaSettled     -> withBot | withTarget
 *  moving      mediaRefused     -> (failed)
 *  moving      targetGone       -> (failed)
 *  moving      mediaLost        -> (failed)
 *  withTarget  targetGone       -> (over)
 *  withTarget  mediaRefused     -> (over)
 *  withTarget  ackTimeout       -> (over)
 *  withTarget  referred         -> dialling | speaking | referring | handingBack | (kept)
 *  withTarget  brought          -> dialling | introducing | moving | (kept)
 *  withTarget  commanded        -> dialling | speaking | referring | handingBack | (kept)
 *  withTarget  legTaken         -> (end)
 *  withTarget  callerGone       -> (end)
 *  withTarget  hangupRequested  -> (end)
 *  withTarget  signallingLost   -> (end)
 *  withTarget  digit            -> withTarget | (over)
 *  withTarget  returnRequested  -> withTarget | withBot | returning
 *  withTarget  mediaLost        -> (end)
 *  returning   mediaSettled     -> withBot | withTarget
 *  returning   mediaRefused     -> (over)
 *  returning   botGone          -> returning | (end)
 *  returning   homeGone         -> (over)
 *  returning   callerGone       -> (end)
 *  returning   legTaken         -> (end)
 *  returning   hangupRequested  -> (end)
 *  returning   signallingLost   -> (end)
 *  returning   ackTimeout       -> returning | (end)
 *  returning   mediaLost        -> (end)
 *  departing   callerGone       -> (end)
 *  departing   departTimeout    -> (end)
 *  departing   hangupRequested  -> (end)
 *  departing   signallingLost   -> (end)
 *  departing   played           -> departing
 */
export const TABLE = {
  connecting,
  withBot,
  dialling,
  retryWait,
  speaking,
  introducing,
  referring,
  handingBack,
  moving,
  withTarget,
  returning,
  departing,
  ending: {},
  ended: {},
} satisfies Table;

export type Table = { readonly [P in Phase]: Row<P> };
