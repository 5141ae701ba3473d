/** Why a media server ended a call, from its BYE (RFC 3326): `Reason: Q.850;cause=604;text="MEDIA_TIMEOUT"`. */
export function endingReason(bye: unknown): string {
  return /text="([^"]+)"/.exec(reasonHeader(bye))?.[1] ?? 'the media server ended it';
}

function reasonHeader(bye: unknown): string {
  if (typeof bye !== 'object' || bye === null || !('headers' in bye)) return '';
  const headers = bye.headers;
  if (typeof headers !== 'object' || headers === null || !('reason' in headers)) return '';
  return String(headers.reason);
}
