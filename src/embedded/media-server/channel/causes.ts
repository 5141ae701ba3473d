/** FreeSWITCH's hangup causes that can occur here, with their Q.850 numbers (its own beyond 127). */
const CAUSES: Readonly<Record<string, number>> = {
  UNALLOCATED_NUMBER: 1,
  NO_ROUTE_DESTINATION: 3,
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  NO_USER_RESPONSE: 18,
  NO_ANSWER: 19,
  CALL_REJECTED: 21,
  DESTINATION_OUT_OF_ORDER: 27,
  NORMAL_UNSPECIFIED: 31,
  NORMAL_CIRCUIT_CONGESTION: 34,
  NORMAL_TEMPORARY_FAILURE: 41,
  INCOMPATIBLE_DESTINATION: 88,
  RECOVERY_ON_TIMER_EXPIRE: 102,
  INTERWORKING: 127,
  ORIGINATOR_CANCEL: 487,
  MANAGER_REQUEST: 503,
  MEDIA_TIMEOUT: 604,
};

/** The cause a `hangup` names; what is no cause is a normal end, as in FreeSWITCH. */
export function causeNamed(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper in CAUSES ? upper : 'NORMAL_CLEARING';
}

/** The number for a `Reason: Q.850`; causes that are none are "normal, unspecified". */
export function q850(cause: string): number {
  const number = CAUSES[cause] ?? 31;
  return number > 127 ? 31 : number;
}
