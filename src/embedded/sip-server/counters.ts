/** What has happened since start; part of the statistics. */
export class Counters {
  messagesIn = 0;
  messagesOut = 0;
  framesIn = 0;
  framesOut = 0;
  retransmissionsIn = 0;
  retransmissionsOut = 0;
  /** Network input that was not SIP at all. */
  garbage = 0;
  /** SIP refused with a 4xx or dropped because it was broken. */
  malformed = 0;
  /** Requests and responses that matched nothing. */
  strays = 0;
  /** New requests from outside the allowed addresses, left without an answer. */
  strangers = 0;
  transportErrors = 0;
  /** Headers of an application dropped because their name is not a token. */
  droppedHeaders = 0;
  /** Exceptions caught at an edge: always a defect of ours. */
  faults = 0;
}
